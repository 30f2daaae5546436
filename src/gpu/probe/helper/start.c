// From the loader to the mode that is asked for: nodes PATH..., nvml FIRST, cuda, verbs, burn GPU.
#include "helper.h"

// Entered with the arguments on the stack and, in a register, what the loader wants run at the end.
#if defined(__x86_64__)
__asm__(
    ".globl _start\n_start:\n"
    "xor %ebp, %ebp\n"
    "mov %rsp, %rdi\n"
    "and $-16, %rsp\n"
    "call begin\n");
#elif defined(__aarch64__)
__asm__(
    ".globl _start\n_start:\n"
    "mov x29, #0\n"
    "mov x30, #0\n"
    "mov x0, sp\n"
    "bl begin\n");
#endif

extern int __libc_start_main(int (*main)(int, char**, char**), int argc, char** argv,
                             void (*init)(void), void (*fini)(void), void (*at_exit)(void),
                             void* stack_end);
extern void* pthread_self(void);

static int ask(const char* mode, char** arguments) {
  if (same(mode, "nodes")) {
    return ask_nodes(arguments);
  }
  if (same(mode, "nvml")) {
    return ask_nvml(arguments[0] ? (unsigned)to_number(arguments[0]) : 0);
  }
  if (same(mode, "cuda")) {
    return ask_cuda();
  }
  if (same(mode, "burn")) {
    return burn(arguments[0] ? (int)to_number(arguments[0]) : 0);
  }
  return same(mode, "verbs") ? ask_verbs() : 2;
}

// Leaves without the exit handlers of the libraries: they are known to hang where the driver does.
static int run(int argc, char** argv, char** environment UNUSED) {
  const int code = argc < 2 ? 2 : ask(argv[1], argv + 2);
  if (code == 0) {
    put("end");
    end();
  }
  flush();
  leave(code);
}

void begin(long* stack) __attribute__((noreturn, used));
void begin(long* stack) {
  __libc_start_main(run, (int)stack[0], (char**)(stack + 1), 0, 0, 0, stack);
  leave(2);
}
