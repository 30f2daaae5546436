#include "host_expression.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <limits>
#include <optional>

namespace toolkit::cluster {
namespace {

struct Repeated {
  std::uint32_t count = 0;
  std::size_t times = 1;
};

/// "2" or "2(x3)".
std::optional<Repeated> repeated(std::string_view text) {
  std::string_view times = "1";
  if (const auto open = text.find("(x"); open != std::string_view::npos && text.ends_with(')')) {
    times = text.substr(open + 2, text.size() - open - 3);
    text = text.substr(0, open);
  }
  const auto count = parse_whole(text);
  const auto repetitions = parse_whole(times);
  if (!count || !repetitions || *count > std::numeric_limits<std::uint32_t>::max() ||
      *repetitions == 0) {
    return std::nullopt;
  }
  return Repeated{static_cast<std::uint32_t>(*count), static_cast<std::size_t>(*repetitions)};
}

}  // namespace

Result<std::vector<std::uint32_t>> expand_counts(std::string_view text, std::size_t limit) {
  std::vector<std::uint32_t> counts;
  for (const auto part : split(text, ',')) {
    const auto next = repeated(part);
    if (!next) {
      return bad_host_list(text, part, "no count of a node");
    }
    if (next->times > limit - counts.size()) {
      return bad_host_list(text, part, fmt::format("more than {} nodes", limit));
    }
    counts.insert(counts.end(), next->times, next->count);
  }
  return counts;
}

}  // namespace toolkit::cluster
