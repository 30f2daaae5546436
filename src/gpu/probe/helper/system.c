// The kernel, without libc between.
#include "helper.h"

#include <asm/unistd.h>

#if defined(__x86_64__)
long system_call(long number, long a, long b, long c, long d) {
  register long r10 __asm__("r10") = d;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
                   : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
long system_call(long number, long a, long b, long c, long d) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
  return x0;
}
#else
#error "the probe knows x86_64 and aarch64"
#endif

long open_file(const char* path, int flags) {
  enum { kHere = -100 };  // AT_FDCWD
  return system_call(__NR_openat, kHere, (long)path, flags, 0);
}

void leave(int code) {
  for (;;) {
    system_call(__NR_exit_group, code, 0, 0, 0);
  }
}

struct moment {
  long seconds, nanoseconds;
};

uint64_t now_ns(void) {
  struct moment now = {0, 0};
  system_call(__NR_clock_gettime, 1, (long)&now, 0, 0);
  return (uint64_t)now.seconds * 1000000000u + (uint64_t)now.nanoseconds;
}

void sleep_ms(unsigned milliseconds) {
  struct moment time = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
  system_call(__NR_nanosleep, (long)&time, 0, 0, 0);
}
