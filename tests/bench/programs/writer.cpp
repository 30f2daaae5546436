// A training process's ways to write to stdout:
//   writer lines BYTES   log lines of 98 bytes until there are BYTES, one write(2) each, as with a
//   flush writer line  BYTES   one line of BYTES, without a newline, 64 KiB a write writer bars
//   COUNT   that many updates of a progress bar, "\r" in front, one write each
#include <errno.h>
#include <tests/bench/programs/common.hpp>

namespace {

void put(const char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t count = ::write(STDOUT_FILENO, bytes, size);
    if (count < 0 && errno != EINTR) {
      bench::give_up("writer");
    }
    bytes += count > 0 ? count : 0;
    size -= count > 0 ? static_cast<std::size_t>(count) : 0;
  }
}

void lines(long bytes) {
  char line[128];
  for (long number = 0; bytes > 0; ++number) {
    const int size =
        ::snprintf(line, sizeof line,
                   "epoch %04ld step %08ld loss 2.3025850 accuracy 0.1137 lr 3.0e-04 grad 0.9731 "
                   "tokens 1048576 gpu 87%%\n",
                   number / 1000, number);
    put(line, static_cast<std::size_t>(size));
    bytes -= size;
  }
}

void line(long bytes) {
  static char block[65536];
  ::memset(block, 'x', sizeof block);
  for (; bytes > 0; bytes -= static_cast<long>(sizeof block)) {
    put(block, sizeof block);
  }
}

void bars(long count) {
  char text[64];
  for (long i = 1; i <= count; ++i) {
    const int size = ::snprintf(text, sizeof text, "\rstep %ld/%ld  12.3 it/s", i, count);
    put(text, static_cast<std::size_t>(size));
  }
  put("\n", 1);
}

}  // namespace

int main(int argc, char** argv) {
  const char* what = argc == 3 ? argv[1] : "";
  const long amount = argc == 3 ? ::atol(argv[2]) : 0;
  ::strcmp(what, "lines") == 0  ? lines(amount)
  : ::strcmp(what, "line") == 0 ? line(amount)
                                : bars(amount);
  return 0;
}
