#include "tests/unit/dataplane/runtime/quiet/watch.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <ucontext.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <mutex>

#include <fmt/format.h>

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#define PR_SYS_DISPATCH_ON 1
#endif

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* block);
}

namespace wardline::test::watch {
namespace {

constexpr char kAllow = 0, kBlock = 1;  // what the kernel reads at every system call of a thread that began

struct Thread {
  volatile char selector = kAllow;
  bool watched = false;
};
constinit thread_local Thread self;  // of the program itself: reached without a call

struct Offence {
  const char* what = nullptr;
  long number = -1;  // of a system call
  std::array<void*, 32> stack{};
  int depth = 0;
};
constexpr std::size_t kMost = 64;
std::array<Offence, kMost> offences;
std::atomic<std::size_t> written{0};

void write_down(const char* what, long number = -1) {
  if (!self.watched) return;
  off();
  const auto place = written.fetch_add(1, std::memory_order_relaxed);
  if (place >= kMost) return;
  Offence& offence = offences[place];
  offence.what = what;
  offence.number = number;
  offence.depth = backtrace(offence.stack.data(), static_cast<int>(offence.stack.size()));
}

// Done here in its place: the thread goes on as if nothing were.
long system_call(const greg_t* with) {
  register long fourth asm("r10") = with[REG_R10];
  register long fifth asm("r8") = with[REG_R8];
  register long sixth asm("r9") = with[REG_R9];
  long result = with[REG_RAX];
  asm volatile("syscall"
               : "+a"(result)
               : "D"(with[REG_RDI]), "S"(with[REG_RSI]), "d"(with[REG_RDX]), "r"(fourth), "r"(fifth), "r"(sixth)
               : "rcx", "r11", "memory");
  return result;
}

void on_system_call(int, siginfo_t* info, void* context) {
  self.selector = kAllow;
  write_down("system call", info->si_syscall);
  auto* registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  registers[REG_RAX] = info->si_syscall;
  registers[REG_RAX] = system_call(registers);
}

template <typename Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

std::string text_of(const Offence& offence) {
  auto text = offence.number < 0 ? std::string(offence.what) : fmt::format("{} {}", offence.what, offence.number);
  char** lines = backtrace_symbols(offence.stack.data(), offence.depth);
  for (int i = 1; lines != nullptr && i < offence.depth; ++i) text += fmt::format("\n    {}", lines[i]);
  std::free(lines);
  return text;
}

}  // namespace

bool begin() {
  static std::once_flag once;
  std::call_once(once, [] {
    std::array<void*, 2> stack;
    backtrace(stack.data(), stack.size());  // loads the unwinder now
    struct sigaction action {};
    action.sa_sigaction = on_system_call;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGSYS, &action, nullptr);
  });
  return prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0UL, 0UL, &self.selector) == 0;
}

void on() {
  self.watched = true;
  self.selector = kBlock;
}

void off() {
  self.selector = kAllow;
  self.watched = false;
}

std::vector<std::string> take_offences() {
  std::vector<std::string> told;
  for (std::size_t i = 0; i < std::min(written.load(), kMost); ++i) {
    auto text = text_of(offences[i]);
    if (std::ranges::find(told, text) == told.end()) told.push_back(std::move(text));
  }
  written = 0;
  return told;
}

}  // namespace wardline::test::watch

// --- over the C library's own ---
namespace watch = wardline::test::watch;

#define WARDLINE_WATCH_LOCK(name, parameters, arguments)            \
  int name parameters noexcept {                                    \
    static const auto next = watch::next<int(*) parameters>(#name); \
    watch::write_down(#name);                                       \
    return next arguments;                                          \
  }

extern "C" {
void* malloc(std::size_t size) noexcept {
  watch::write_down("malloc");
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept {
  watch::write_down("calloc");
  return __libc_calloc(count, size);
}
void* realloc(void* block, std::size_t size) noexcept {
  watch::write_down("realloc");
  return __libc_realloc(block, size);
}
void free(void* block) noexcept {
  if (block != nullptr) watch::write_down("free");
  __libc_free(block);
}
void* memalign(std::size_t alignment, std::size_t size) noexcept {
  watch::write_down("memalign");
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  watch::write_down("aligned_alloc");
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** block, std::size_t alignment, std::size_t size) noexcept {
  watch::write_down("posix_memalign");
  *block = __libc_memalign(alignment, size);
  return *block == nullptr ? ENOMEM : 0;
}

WARDLINE_WATCH_LOCK(pthread_mutex_lock, (pthread_mutex_t * lock), (lock))
WARDLINE_WATCH_LOCK(pthread_mutex_trylock, (pthread_mutex_t * lock), (lock))
WARDLINE_WATCH_LOCK(pthread_mutex_unlock, (pthread_mutex_t * lock), (lock))
WARDLINE_WATCH_LOCK(pthread_rwlock_rdlock, (pthread_rwlock_t * lock), (lock))
WARDLINE_WATCH_LOCK(pthread_rwlock_wrlock, (pthread_rwlock_t * lock), (lock))
WARDLINE_WATCH_LOCK(pthread_rwlock_unlock, (pthread_rwlock_t * lock), (lock))
WARDLINE_WATCH_LOCK(pthread_spin_lock, (pthread_spinlock_t * lock), (lock))
WARDLINE_WATCH_LOCK(pthread_cond_signal, (pthread_cond_t * condition), (condition))
WARDLINE_WATCH_LOCK(pthread_cond_broadcast, (pthread_cond_t * condition), (condition))
}
