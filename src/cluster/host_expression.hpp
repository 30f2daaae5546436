#pragma once
// The words of a host list and their brackets, as Slurm's own parser takes them apart
// (src/common/hostlist.c of 22.05 and 24.11), to its corners: what it takes for a word, which
// bracket belongs to which, and the order in which several brackets count. Two things differ on
// purpose. A number beyond 64 bits is an error here, it becomes 2^64-1 there; and a bad range in
// the first of three brackets is an error here, the word is dropped there.

#include <toolkit/cluster/host_list.hpp>

namespace toolkit::cluster {

/// MAX_RANGE of Slurm: hosts of one range, and names in front of another bracket.
inline constexpr std::uint64_t kLongestRange = 65'536;

struct Range {
  std::uint64_t low = 0, high = 0;
  std::size_t width = 0;  // digits, zeros in front included
};

/// A bracket and the text behind it, up to the next bracket.
struct Group {
  std::vector<Range> ranges;
  std::string_view text;
};

struct HostWord {
  std::string_view head;  // before the first bracket
  std::vector<Group> groups;
  std::string_view tail;  // of 22.05, which writes the "]" that a name lacks
};

/// Where the word that `text` begins with ends: at the first separator outside of a bracket.
[[nodiscard]] std::size_t host_word_size(std::string_view text, std::string_view separators);

/// `text` is one word of the expression `whole`.
[[nodiscard]] Result<HostWord> parse_host_word(std::string_view whole, std::string_view text,
                                               HostGrammar grammar);

/// An error about `part` of the expression `whole`.
[[nodiscard]] Failure bad_host_list(std::string_view whole, std::string_view part,
                                    std::string_view reason);

}  // namespace toolkit::cluster
