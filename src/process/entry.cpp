// The first instructions of the process. Every signal is blocked before anything else happens,
// libc's own start-up included: a PID 1 whose SIGTERM is neither blocked nor handled loses it to
// the kernel without a trace, and 20 to 50 µs of libc would be such a window. Blocked signals stay
// pending until the SignalQueue reads them. Static builds begin at toolkit_start (linked with -e);
// other builds, where the dynamic loader runs first anyway, block in the earliest constructor.
#include <toolkit/process/signals.hpp>

#include <sys/syscall.h>
#include <unistd.h>

extern "C" {
// The kernel's sigset_t: 64 bits on both architectures.
extern const std::uint64_t toolkit_every_signal;
extern std::uint64_t toolkit_inherited_mask;
const std::uint64_t toolkit_every_signal = ~0ULL;
std::uint64_t toolkit_inherited_mask = ~0ULL;  // in .data: .bss would fault one page more
}

// rt_sigprocmask(SIG_BLOCK, &toolkit_every_signal, &toolkit_inherited_mask, 8), then libc's _start
// with the registers as the kernel left them (x86-64 wants rdx, AArch64 x0, to be zero in a static
// program).
#if defined(__x86_64__)
asm(R"(
  .pushsection .text.toolkit_start, "ax", @progbits
  .globl toolkit_start
  .type toolkit_start, @function
toolkit_start:
  movl $14, %eax
  xorl %edi, %edi
  leaq toolkit_every_signal(%rip), %rsi
  leaq toolkit_inherited_mask(%rip), %rdx
  movl $8, %r10d
  syscall
  xorl %edx, %edx
  jmp _start
  .size toolkit_start, .-toolkit_start
  .popsection
)");
#elif defined(__aarch64__)
asm(R"(
  .pushsection .text.toolkit_start, "ax", @progbits
  .globl toolkit_start
  .type toolkit_start, @function
toolkit_start:
  mov x8, #135
  mov x0, #0
  adrp x1, toolkit_every_signal
  add x1, x1, :lo12:toolkit_every_signal
  adrp x2, toolkit_inherited_mask
  add x2, x2, :lo12:toolkit_inherited_mask
  mov x3, #8
  svc #0
  mov x0, #0
  b _start
  .size toolkit_start, .-toolkit_start
  .popsection
)");
#endif

namespace toolkit::process {
namespace {

[[gnu::constructor(101)]] void block_if_not_yet() {
  if (toolkit_inherited_mask == ~0ULL) {
    ::syscall(SYS_rt_sigprocmask, SIG_BLOCK, &toolkit_every_signal, &toolkit_inherited_mask, 8);
  }
}

}  // namespace

std::uint64_t inherited_mask() { return toolkit_inherited_mask; }

void restore_inherited_mask() {
  ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &toolkit_inherited_mask, nullptr, 8);
}

bool is_ignored(int number) {
  struct sigaction action {};
  return ::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

void restore_default_and_unblock(int number) {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  ::sigaction(number, &action, nullptr);
  const std::uint64_t only = 1ULL << (number - 1);
  ::syscall(SYS_rt_sigprocmask, SIG_UNBLOCK, &only, nullptr, 8);
}

}  // namespace toolkit::process
