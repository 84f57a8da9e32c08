// The disk as tests see it: counts the syncs of this process, makes them fail,
// and forgets what was not synced, as a machine does that loses power. Linked
// into a test, it stands in for the C library's fsync, fdatasync and pwrite.
//
// As with Linux, a sync that fails leaves its pages marked clean: they can be
// read, but no later sync writes them unless they are written again.
#pragma once

#include <filesystem>
#include <string>

namespace intd::test::disk {

/// Forgets all settings, and counts from 0.
void reset();

/// Counts the syncs since `reset`, of files and directories.
int syncs();

/// Lets the next `good` syncs pass and every later one fail with EIO; with a
/// negative number none fails.
void fail_after(int good);

/// Lets every later sync do nothing and succeed, for tests of quantity.
void pretend();

/// Remembers from now on what each sync puts on the disk; all files below
/// `present` are there already.
void remember(const std::filesystem::path& present = {});

/// Returns the content that a file has on the disk; nothing where it was never
/// synced.
[[nodiscard]] std::string synced(const std::filesystem::path& path);

/// Gives a file, or every file in a directory, the content it has on the disk;
/// one that was never synced is left empty. Names stay as they are.
void lose_unsynced(const std::filesystem::path& path);

} // namespace intd::test::disk
