#include "run_values.hpp"

#include "choose.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <utility>

namespace toolkit {
namespace {

// "A<separator>B" cut at the first separator.
std::optional<std::pair<std::string_view, std::string_view>> cut(std::string_view text,
                                                                 char separator) {
  const auto at = text.find(separator);
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  return std::pair{text.substr(0, at), text.substr(at + 1)};
}

Result<int> read_code(std::string_view text) {
  const auto number = parse_whole(text);
  if (!number || *number > 255) {
    return fail(ErrorKind::usage, fmt::format("'{}' is not an exit code", text), "0 to 255");
  }
  return static_cast<int>(*number);
}

}  // namespace

namespace process {

Result<void> read_value(std::string_view text, Signal& out) {
  TRY_ASSIGN(out.number, parse_signal(text));
  return {};
}

}  // namespace process

namespace output {

Result<void> read_value(std::string_view text, ConsoleMode& out) {
  return commands::choose(text, out,
                          {{"raw", ConsoleMode::raw},
                           {"prefixed", ConsoleMode::prefixed},
                           {"none", ConsoleMode::none}});
}

Result<void> read_value(std::string_view text, LogFormat& out) {
  return commands::choose(text, out,
                          {{"text", LogFormat::text},
                           {"json", LogFormat::json},
                           {"raw", LogFormat::raw},
                           {"cri", LogFormat::cri}});
}

}  // namespace output

namespace supervise {

Result<void> read_value(std::string_view text, SignalTarget& out) {
  return commands::choose(text, out,
                          {{"group", SignalTarget::group},
                           {"process", SignalTarget::process},
                           {"tree", SignalTarget::tree}});
}

Result<void> read_value(std::string_view text, Leftover& out) {
  return commands::choose(
      text, out, {{"kill", Leftover::kill}, {"stop", Leftover::stop}, {"leave", Leftover::leave}});
}

Result<void> read_value(std::string_view text, Precision& out) {
  return commands::choose(text, out,
                          {{"s", Precision::seconds},
                           {"ms", Precision::milliseconds},
                           {"us", Precision::microseconds},
                           {"ns", Precision::nanoseconds}});
}

Result<void> read_value(std::string_view text, RewriteTable& out) {
  const auto parts = cut(text, '=');
  if (!parts) {
    return fail(ErrorKind::usage, fmt::format("'{}' is not FROM=TO", text),
                "for example TERM=USR1, or INT=0");
  }
  TRY_ASSIGN(const int from, process::parse_signal(parts->first));
  int to = 0;
  if (parts->second != "0") {
    TRY_ASSIGN(to, process::parse_signal(parts->second));
  }
  out.to[static_cast<std::size_t>(from)] = to;
  return {};
}

Result<void> read_value(std::string_view text, Notice& out) {
  const auto parts = cut(text, '@');
  if (!parts) {
    return fail(ErrorKind::usage, fmt::format("'{}' is not SIGNAL@DURATION", text),
                "for example USR1@60s");
  }
  TRY_ASSIGN(out.signal.number, process::parse_signal(parts->first));
  TRY_ASSIGN(out.before, parse_duration(parts->second));
  return {};
}

Result<void> read_value(std::string_view text, RestartPolicy& out) {
  RestartPolicy policy;
  std::string_view word = text;
  if (const auto parts = cut(text, ':')) {
    const auto limit = parse_whole(parts->second);
    if (!limit || *limit > 1'000'000) {
      return fail(ErrorKind::usage, fmt::format("'{}' is not a number of restarts", parts->second));
    }
    word = parts->first;
    policy.limit = static_cast<int>(*limit);
  }
  TRY(commands::choose(word, policy.when,
                       {{"never", RestartWhen::never},
                        {"on-failure", RestartWhen::on_failure},
                        {"always", RestartWhen::always}}));
  out = policy;
  return {};
}

Result<void> read_value(std::string_view text, CodeSet& out) {
  CodeSet set;
  for (std::string_view part : split(text, ',')) {
    part = trim(part);
    const bool wanted = !part.starts_with('!');
    const std::string_view range = wanted ? part : part.substr(1);
    const auto ends = cut(range, '-');
    TRY_ASSIGN(const int first, read_code(ends ? ends->first : range));
    TRY_ASSIGN(const int last, read_code(ends ? ends->second : range));
    for (int code = first; code <= last; ++code) {
      set.contains[static_cast<std::size_t>(code)] = wanted;
    }
  }
  out = set;
  return {};
}

Result<void> read_value(std::string_view text, ExitMapping& out) {
  const auto parts = cut(text, '=');
  if (!parts) {
    return fail(ErrorKind::usage, fmt::format("'{}' is not CODE=CODE", text), "for example 143=0");
  }
  TRY_ASSIGN(out.from, read_code(parts->first));
  TRY_ASSIGN(out.to, read_code(parts->second));
  return {};
}

Result<void> read_value(std::string_view text, FileMode& out) {
  unsigned bits = 0;
  for (const char digit : text) {
    bits = digit >= '0' && digit <= '7' ? bits * 8 + static_cast<unsigned>(digit - '0') : 01000;
    if (bits > 0777) {
      break;
    }
  }
  if (text.empty() || bits > 0777) {
    return fail(ErrorKind::usage, fmt::format("'{}' is not a file mode", text),
                "octal, 000 to 777, for example 022");
  }
  out.bits = bits;
  return {};
}

}  // namespace supervise
}  // namespace toolkit
