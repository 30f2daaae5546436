"""System calls that Python's own modules soften: masks with signals 32 and 33, dispositions of every
signal, an environment with entries that are no assignments."""
import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)

# arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of Linux
SYSCALLS = {"x86_64": {"rt_sigaction": 13, "rt_sigprocmask": 14},
            "aarch64": {"rt_sigaction": 134, "rt_sigprocmask": 135}}[platform.machine()]
SIG_SETMASK, SIG_DFL, SIG_IGN = 2, 0, 1
PR_SET_TIMERSLACK, PR_SET_NO_NEW_PRIVS = 29, 38  # prctl(2)


def set_mask(bits):
    """Bit N-1 is signal N, as in /proc/PID/status."""
    mask = ctypes.c_uint64(bits)
    if libc.syscall(SYSCALLS["rt_sigprocmask"], SIG_SETMASK, ctypes.byref(mask), None, 8) != 0:
        raise OSError(ctypes.get_errno(), "rt_sigprocmask")


def set_disposition(number, handler):
    # The kernel's struct sigaction: handler, flags, restorer, mask.
    action = (ctypes.c_uint64 * 4)(handler, 0, 0, 0)
    if libc.syscall(SYSCALLS["rt_sigaction"], number, ctypes.byref(action), None, 8) != 0:
        raise OSError(ctypes.get_errno(), f"rt_sigaction {number}")


def prctl(option, value):
    libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0)


def execve(path, argv, environment):
    """`environment` is a list of byte strings, handed on as they are."""
    strings = ctypes.c_char_p * (len(argv) + 1)
    entries = ctypes.c_char_p * (len(environment) + 1)
    libc.execve(path.encode(), strings(*[word.encode() for word in argv], None), entries(*environment, None))
    raise OSError(ctypes.get_errno(), f"execve {path}")
