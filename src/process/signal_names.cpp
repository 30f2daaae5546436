#include <toolkit/base/text.hpp>
#include <toolkit/process/signals.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::process {
namespace {

struct Name {
  std::string_view name;
  int number;
};

// glibc keeps 32 and 33 for its threads (nptl(7)): SIGRTMIN is 34 for every program, and the
// kernel's last signal is 64 (signal(7)). The macro is a function call there, hence our own
// numbers.
constexpr int kRealTimeFirst = 34;
constexpr int kRealTimeLast = 64;

// The names of `kill -l`, in its order.
constexpr Name kNames[] = {
    {"HUP", SIGHUP},   {"INT", SIGINT},       {"QUIT", SIGQUIT}, {"ILL", SIGILL},
    {"TRAP", SIGTRAP}, {"ABRT", SIGABRT},     {"BUS", SIGBUS},   {"FPE", SIGFPE},
    {"KILL", SIGKILL}, {"USR1", SIGUSR1},     {"SEGV", SIGSEGV}, {"USR2", SIGUSR2},
    {"PIPE", SIGPIPE}, {"ALRM", SIGALRM},     {"TERM", SIGTERM}, {"STKFLT", SIGSTKFLT},
    {"CHLD", SIGCHLD}, {"CONT", SIGCONT},     {"STOP", SIGSTOP}, {"TSTP", SIGTSTP},
    {"TTIN", SIGTTIN}, {"TTOU", SIGTTOU},     {"URG", SIGURG},   {"XCPU", SIGXCPU},
    {"XFSZ", SIGXFSZ}, {"VTALRM", SIGVTALRM}, {"PROF", SIGPROF}, {"WINCH", SIGWINCH},
    {"IO", SIGIO},     {"PWR", SIGPWR},       {"SYS", SIGSYS},   {"RTMIN", 34},
    {"RTMIN+1", 35},   {"RTMIN+2", 36},       {"RTMIN+3", 37},   {"RTMIN+4", 38},
    {"RTMIN+5", 39},   {"RTMIN+6", 40},       {"RTMIN+7", 41},   {"RTMIN+8", 42},
    {"RTMIN+9", 43},   {"RTMIN+10", 44},      {"RTMIN+11", 45},  {"RTMIN+12", 46},
    {"RTMIN+13", 47},  {"RTMIN+14", 48},      {"RTMIN+15", 49},  {"RTMAX-14", 50},
    {"RTMAX-13", 51},  {"RTMAX-12", 52},      {"RTMAX-11", 53},  {"RTMAX-10", 54},
    {"RTMAX-9", 55},   {"RTMAX-8", 56},       {"RTMAX-7", 57},   {"RTMAX-6", 58},
    {"RTMAX-5", 59},   {"RTMAX-4", 60},       {"RTMAX-3", 61},   {"RTMAX-2", 62},
    {"RTMAX-1", 63},   {"RTMAX", 64},
};

constexpr Name kAliases[] = {{"IOT", SIGIOT}, {"POLL", SIGPOLL}, {"CLD", SIGCLD}};

// RTMIN+20 and RTMAX-20 are good names too, though `kill -l` counts from the nearer end.
std::optional<int> real_time_number(std::string_view name) {
  const bool from_first = name.starts_with("RTMIN+");
  if (!from_first && !name.starts_with("RTMAX-")) {
    return std::nullopt;
  }
  const auto offset = parse_whole(name.substr(6));
  if (!offset || *offset > kRealTimeLast - kRealTimeFirst) {
    return std::nullopt;
  }
  return from_first ? kRealTimeFirst + static_cast<int>(*offset)
                    : kRealTimeLast - static_cast<int>(*offset);
}

std::optional<int> number_of(std::string_view name) {
  for (const auto& names : {std::span<const Name>(kNames), std::span<const Name>(kAliases)}) {
    const auto found = std::ranges::find(names, name, &Name::name);
    if (found != names.end()) {
      return found->number;
    }
  }
  return real_time_number(name);
}

}  // namespace

Result<int> parse_signal(std::string_view text) {
  std::string name = to_upper(text);
  if (name.starts_with("SIG")) {
    name.erase(0, 3);
  }
  if (const auto number = number_of(name)) {
    return *number;
  }
  const auto number = parse_whole(text);
  if (number && *number >= 1 && *number <= kRealTimeLast) {
    return static_cast<int>(*number);
  }
  const std::vector<std::string_view> known = signal_names();
  const std::string_view close = number ? "" : nearest(name, known);
  return fail(ErrorKind::usage, fmt::format("'{}' is not a signal", printable(text.substr(0, 64))),
              close.empty() ? "give a name such as TERM, USR1 or RTMIN+3, or a number from 1 to 64"
                            : fmt::format("did you mean {}?", close));
}

std::string signal_name(int number) {
  const auto found = std::ranges::find(kNames, number, &Name::number);
  return found != std::end(kNames) ? fmt::format("SIG{}", found->name)
                                   : fmt::format("signal {}", number);
}

std::vector<std::string_view> signal_names() {
  std::vector<std::string_view> names;
  for (const Name& known : kNames) {
    names.push_back(known.name);
  }
  return names;
}

}  // namespace toolkit::process
