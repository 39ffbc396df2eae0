#pragma once
#include <string>
#include <vector>

// What a worker's thread must not do: allocate, lock, enter the kernel. While a thread is watched, each call of the
// allocator or of a POSIX lock is written down with its place (watch.cpp defines these functions over those of the C
// library), and so is every system call, also one that no library function makes (syscall user dispatch, Linux 5.11).
// What was written down is then done all the same, so that one run tells all places.
namespace wardline::test::watch {

inline constexpr const char* kCannot = "this kernel does not tell of system calls (syscall user dispatch, Linux 5.11)";

// By the thread to be watched, once. False where the kernel cannot tell of system calls.
bool begin();
// By that thread: from here on. After an offence it is off until it is called again, so one a turn is told.
void on();
void off();

// What was written down so far, each place once, as text with a stack; forgets it. By a thread that is not watched.
std::vector<std::string> take_offences();

}  // namespace wardline::test::watch
