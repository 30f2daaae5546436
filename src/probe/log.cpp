// log:[from=end,]FILE~REGEX
//
// Met by a line that matches, among those that are there and those that come. The first ~ ends
// FILE; one in its name is written \~ (and a name that begins with "from=end," is written
// ./from=end,…). REGEX is the rest as it is, but for quotes around the whole of it, which protect
// commas inside brackets. A line without its end is tried as well, but for $.

#include "follower.hpp"
#include "looking.hpp"
#include "schemes.hpp"
#include "values.hpp"
#include "watch.hpp"

#include <toolkit/base/byte_size.hpp>
#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <cerrno>

namespace toolkit::probe {
namespace {

constexpr std::string_view kFromEnd = "from=end,";
// Reading ends so much before its attempt does, so that there is an answer in time.
constexpr Milliseconds kReserve{200};

struct Wanted {
  std::string path;
  bool from_end = false;
  condition::Piece pattern;
};

tl::expected<Wanted, condition::Mistake> parse_target(const condition::Leaf& leaf) {
  const std::string& text = leaf.target.text;
  Wanted wanted;
  wanted.from_end = text.starts_with(kFromEnd);
  std::size_t at = wanted.from_end ? kFromEnd.size() : 0;
  for (; at < text.size() && text[at] != '~'; ++at) {
    at += text.compare(at, 2, "\\~") == 0 ? 1 : 0;
    wanted.path += text[at];
  }
  if (wanted.path.empty() || at + 1 >= text.size()) {
    return mistake(leaf, leaf.target,
                   wanted.path.empty() ? "log: wants a file" : "log: wants a pattern to look for",
                   "such as log:/logs/train.log~'epoch 1 done'");
  }
  const bool quoted = at + 3 < text.size() && (text[at + 1] == '\'' || text[at + 1] == '"') &&
                      text.back() == text[at + 1];
  at += quoted ? 2 : 1;
  wanted.pattern.text = text.substr(at, text.size() - at - (quoted ? 1 : 0));
  wanted.pattern.offset = leaf.target.offset + at;
  wanted.pattern.length = wanted.pattern.text.size();
  return wanted;
}

Finding trouble(int error) {
  if (error == ESPIPE) {
    return {.reason = Reason::unknown, .words = "is not a regular file", .exit_code = {}};
  }
  return errno_finding(error);
}

// A line as a report can show it.
std::string excerpt(std::string_view line) {
  constexpr std::size_t kMost = 80;
  return line.size() <= kMost ? printable(line) : printable(line.substr(0, kMost)) + "…";
}

class Log {
 public:
  Log(Wanted wanted, Pattern pattern)
      : follower_(std::move(wanted.path), wanted.from_end), pattern_(std::move(pattern)) {}

  Look look(SteadyTime until) {
    if (!match_.empty()) {
      return {is_met(match_)};
    }
    const auto found = follower_.read(
        [this](std::string_view line, bool ended) {
          if (!pattern_.found_in(line, ended)) {
            return false;
          }
          match_ = fmt::format("'{}'", excerpt(line));
          return true;
        },
        until - kReserve);
    if (!found) {
      return {trouble(found.error())};
    }
    if (*found) {
      return {is_met(match_)};
    }
    return {not_yet(fmt::format("no such line in {}", describe_bytes(follower_.bytes_read()))),
            follower_.has_more() ? std::optional(Milliseconds(0)) : std::nullopt};
  }

 private:
  Follower follower_;
  Pattern pattern_;
  std::string match_;  // a line that was there stays so
};

}  // namespace

Made make_log(const condition::Leaf& leaf, const Settings&) {
  auto wanted = parse_target(leaf);
  if (!wanted) {
    return tl::unexpected(std::move(wanted.error()));
  }
  auto pattern = pattern_of(leaf, wanted->pattern);
  if (!pattern) {
    return tl::unexpected(std::move(pattern.error()));
  }
  auto watch = std::make_shared<Watch>(wanted->path);
  auto log = std::make_shared<Log>(std::move(*wanted), std::move(*pattern));
  return make_looking_probe([log](SteadyTime until) { return log->look(until); }, std::move(watch));
}

}  // namespace toolkit::probe
