// meter FILE COMMAND...: runs it and appends one JSON line to FILE: wall, user and system seconds
// and the peak resident size (wait4: of the command and of the children it waited for), its status,
// and the peak resident size that its parent has reached by now. Ends with the command's exit code.
// A supervisor's own CPU time is what a meter around it says less what a meter around its child
// says.
#include <sys/resource.h>
#include <tests/bench/programs/common.hpp>

namespace {
double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}
}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    return 2;
  }
  const bench::Nanoseconds start = bench::now();
  const pid_t pid = bench::spawn(argv + 2);
  int status = 0;
  rusage usage{};
  ::wait4(pid, &status, 0, &usage);
  const bench::Nanoseconds end = bench::now();
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  FILE* file = ::fopen(argv[1], "ae");
  if (file == nullptr) {
    bench::give_up(argv[1]);
  }
  ::fprintf(
      file,
      R"({"wall": %.6f, "user": %.6f, "system": %.6f, "peak_kib": %ld, "code": %d, "parent_peak_kib": %ld})"
      "\n",
      static_cast<double>(end - start) / 1e9, seconds(usage.ru_utime), seconds(usage.ru_stime),
      usage.ru_maxrss, code, ::atol(bench::status_line(::getppid(), "VmHWM:").text));
  ::fclose(file);
  return code;
}
