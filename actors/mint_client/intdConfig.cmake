# find_package(intd): the target intd::client, for CAF programs that mint.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
find_dependency(tl-expected)

# Debian's libcaf-dev brings no CMake package.
if(NOT TARGET intd::caf)
  find_path(INTD_CAF_INCLUDE_DIR caf/io/middleman.hpp)
  find_library(INTD_CAF_CORE_LIBRARY caf_core)
  find_library(INTD_CAF_IO_LIBRARY caf_io)
  if(NOT INTD_CAF_INCLUDE_DIR OR NOT INTD_CAF_CORE_LIBRARY
     OR NOT INTD_CAF_IO_LIBRARY)
    set(intd_FOUND FALSE)
    set(intd_NOT_FOUND_MESSAGE
      "CAF 0.17 is not there: install Debian's libcaf-dev")
    return()
  endif()
  add_library(intd::caf INTERFACE IMPORTED)
  set_target_properties(intd::caf PROPERTIES
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${INTD_CAF_INCLUDE_DIR}"
    INTERFACE_INCLUDE_DIRECTORIES "${INTD_CAF_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${INTD_CAF_IO_LIBRARY};${INTD_CAF_CORE_LIBRARY}")
endif()

include("${CMAKE_CURRENT_LIST_DIR}/intdTargets.cmake")
