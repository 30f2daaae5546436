#pragma once
// What the parameters of a leaf say, read with the caret in the right place.

#include "pattern.hpp"

#include <toolkit/probe/probe.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace toolkit::probe {

/// "free>=10G", "size>0".
struct SizeBound {
  std::string op;
  std::uint64_t bytes = 0;
  [[nodiscard]] bool holds(std::uint64_t value) const;
  /// "at least 10.0 GiB", "more than 0 B".
  [[nodiscard]] std::string words() const;
};
[[nodiscard]] tl::expected<SizeBound, condition::Mistake> size_bound(
    const condition::Leaf& leaf, const condition::Parameter& parameter);

/// A piece, or a part of it, as a pattern.
[[nodiscard]] tl::expected<Pattern, condition::Mistake> pattern_of(const condition::Leaf& leaf,
                                                                   const condition::Piece& piece);

/// Nothing when the parameter has this operator.
[[nodiscard]] std::optional<condition::Mistake> wants_operator(
    const condition::Leaf& leaf, const condition::Parameter& parameter, std::string_view op);

}  // namespace toolkit::probe
