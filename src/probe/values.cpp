#include "values.hpp"

#include "schemes.hpp"

#include <toolkit/base/byte_size.hpp>
#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace toolkit::probe {
namespace {

struct Relation {
  std::string_view op;
  std::string_view words;
  bool (*holds)(std::uint64_t, std::uint64_t);
};
constexpr std::array kRelations{
    Relation{"=", "exactly", [](std::uint64_t a, std::uint64_t b) { return a == b; }},
    Relation{"!=", "other than", [](std::uint64_t a, std::uint64_t b) { return a != b; }},
    Relation{"<", "less than", [](std::uint64_t a, std::uint64_t b) { return a < b; }},
    Relation{"<=", "at most", [](std::uint64_t a, std::uint64_t b) { return a <= b; }},
    Relation{">", "more than", [](std::uint64_t a, std::uint64_t b) { return a > b; }},
    Relation{">=", "at least", [](std::uint64_t a, std::uint64_t b) { return a >= b; }},
};

const Relation* relation(std::string_view op) {
  const auto found = std::ranges::find(kRelations, op, &Relation::op);
  return found == kRelations.end() ? nullptr : &*found;
}

// The whole of key, operator and value.
condition::Piece whole(const condition::Parameter& parameter) {
  condition::Piece piece = parameter.key;
  piece.length = parameter.value.offset + parameter.value.length - parameter.key.offset;
  return piece;
}

}  // namespace

bool SizeBound::holds(std::uint64_t value) const { return relation(op)->holds(value, bytes); }

std::string SizeBound::words() const {
  return fmt::format("{} {}", relation(op)->words, describe_bytes(bytes));
}

tl::expected<SizeBound, condition::Mistake> size_bound(const condition::Leaf& leaf,
                                                       const condition::Parameter& parameter) {
  if (relation(parameter.op) == nullptr) {
    return mistake(leaf, whole(parameter),
                   fmt::format("'{}' cannot be compared by {}", parameter.key.text, parameter.op),
                   "use =, !=, <, <=, > or >=");
  }
  auto size = parse_byte_size(parameter.value.text);
  if (!size) {
    return mistake(leaf, parameter.value, std::move(size.error().message),
                   std::move(size.error().remedy));
  }
  return SizeBound{parameter.op, size->bytes};
}

tl::expected<Pattern, condition::Mistake> pattern_of(const condition::Leaf& leaf,
                                                     const condition::Piece& piece) {
  auto pattern = Pattern::compile(piece.text);
  if (!pattern) {
    condition::Piece at = piece;
    // Only where the text is as it was typed do columns of one mean columns of the other.
    if (piece.text.size() == piece.length) {
      at.offset += pattern.error().offset;
      at.length = 1;
    }
    return mistake(leaf, at,
                   fmt::format("'{}' is not a regular expression: {}", printable(piece.text),
                               pattern.error().message));
  }
  return std::move(*pattern);
}

std::optional<condition::Mistake> wants_operator(const condition::Leaf& leaf,
                                                 const condition::Parameter& parameter,
                                                 std::string_view op) {
  if (parameter.op == op) {
    return std::nullopt;
  }
  return mistake(
             leaf, whole(parameter),
             fmt::format("'{}' goes with {} and not with {}", parameter.key.text, op, parameter.op))
      .value();
}

}  // namespace toolkit::probe
