// Lets ThreadSanitizer see how CAF hands messages from thread to thread. The
// library comes without instrumentation, so its lock-free mailboxes and its
// reference counts order nothing in TSan's eyes, and every message would look
// like a race. Here the functions where the order is made are wrapped: what
// happens before `enqueue` happens before the handler of the message, one
// handler of an actor before its next, and every use of a shared object before
// its end. Linked into tests in the tsan preset only.
//
// The symbols are those of CAF 0.17. `self` is what `this` is to the wrapped
// function; a mailbox_element_ptr is passed by its address (Itanium C++ ABI).

#include <sanitizer/tsan_interface.h>

#include <dlfcn.h>

#include <cstdint>
#include <cstdlib>

#define ENQUEUE                                                                \
  "7enqueueESt10unique_ptrINS_15mailbox_elementENS_6detail8disposerEE"         \
  "PNS_14execution_unitE"
#define SCHEDULED_ENQUEUE "_ZN3caf15scheduled_actor" ENQUEUE
#define BLOCKING_ENQUEUE "_ZN3caf14blocking_actor" ENQUEUE
#define LAUNCH "_ZN3caf15scheduled_actor6launchEPNS_14execution_unitEbb"
#define ACTIVATE "_ZN3caf15scheduled_actor8activateEPNS_14execution_unitE"
#define REACTIVATE "_ZN3caf15scheduled_actor10reactivateERNS_15mailbox_elementE"
#define AWAIT_DATA "_ZN3caf14blocking_actor10await_dataEv"
#define AWAIT_DATA_UNTIL                                                       \
  "_ZN3caf14blocking_actor10await_dataENSt6chrono10time_point"                 \
  "INS1_3_V212system_clockENS1_8durationIlSt5ratioILl1ELl1000000000EEEEEE"
#define DEREF "_ZNK3caf11ref_counted5derefEv"
#define RELEASE "_ZN3caf21intrusive_ptr_releaseEPNS_19actor_control_blockE"
#define RELEASE_WEAK                                                           \
  "_ZN3caf26intrusive_ptr_release_weakEPNS_19actor_control_blockE"

namespace {

template <class Function>
Function* original(const char* symbol) {
  auto* found = dlsym(RTLD_NEXT, symbol);
  if (found == nullptr)
    std::abort(); // Another release of CAF: see which functions it has.
  return reinterpret_cast<Function*>(found);
}

template <class Function>
void enqueue(Function* next, void* self, void* element, void* host) {
  __tsan_release(self);
  next(self, element, host);
}

template <class Function>
void release(Function* next, void* counted) {
  __tsan_release(counted);
  __tsan_acquire(counted);
  next(counted);
}

} // namespace

extern "C" {

// What the library does inside itself is not ours to judge.
const char* __tsan_default_suppressions() {
  return "called_from_lib:libcaf_core.so\n";
}

void scheduled_enqueue(void*, void*, void*) asm(SCHEDULED_ENQUEUE);
void blocking_enqueue(void*, void*, void*) asm(BLOCKING_ENQUEUE);
void launch(void*, void*, bool, bool) asm(LAUNCH);
bool activate(void*, void*) asm(ACTIVATE);
int reactivate(void*, void*) asm(REACTIVATE);
void await_data(void*) asm(AWAIT_DATA);
bool await_data_until(void*, int64_t) asm(AWAIT_DATA_UNTIL);
void deref(void*) asm(DEREF);
void release_actor(void*) asm(RELEASE);
void release_weak(void*) asm(RELEASE_WEAK);

void scheduled_enqueue(void* self, void* element, void* host) {
  static auto* const next
    = original<decltype(scheduled_enqueue)>(SCHEDULED_ENQUEUE);
  enqueue(next, self, element, host);
}

void blocking_enqueue(void* self, void* element, void* host) {
  static auto* const next
    = original<decltype(blocking_enqueue)>(BLOCKING_ENQUEUE);
  enqueue(next, self, element, host);
}

void launch(void* self, void* host, bool lazy, bool hide) {
  static auto* const next = original<decltype(launch)>(LAUNCH);
  __tsan_release(self);
  next(self, host, lazy, hide);
}

bool activate(void* self, void* host) {
  static auto* const next = original<decltype(activate)>(ACTIVATE);
  __tsan_acquire(self);
  const bool done = next(self, host);
  __tsan_release(self);
  return done;
}

int reactivate(void* self, void* element) {
  static auto* const next = original<decltype(reactivate)>(REACTIVATE);
  __tsan_acquire(self);
  const int done = next(self, element);
  __tsan_release(self);
  return done;
}

void await_data(void* self) {
  static auto* const next = original<decltype(await_data)>(AWAIT_DATA);
  next(self);
  __tsan_acquire(self);
}

bool await_data_until(void* self, int64_t until) {
  static auto* const next
    = original<decltype(await_data_until)>(AWAIT_DATA_UNTIL);
  const bool done = next(self, until);
  __tsan_acquire(self);
  return done;
}

void deref(void* counted) {
  static auto* const next = original<decltype(deref)>(DEREF);
  release(next, counted);
}

void release_actor(void* counted) {
  static auto* const next = original<decltype(release_actor)>(RELEASE);
  release(next, counted);
}

void release_weak(void* counted) {
  static auto* const next = original<decltype(release_weak)>(RELEASE_WEAK);
  release(next, counted);
}

} // extern "C"
