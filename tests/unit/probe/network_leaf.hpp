#pragma once
// Leaves as a command line gives them, and their probes.

#include <toolkit/condition/condition.hpp>
#include <toolkit/probe/probe.hpp>

#include <doctest/doctest.h>
#include <tests/support/drive_probe.hpp>

#include <string>

namespace toolkit::support {

inline condition::Leaf leaf_of(const std::string& text) {
  const std::vector<std::string> operands{text};
  const auto tree = condition::parse(operands);
  REQUIRE_MESSAGE(tree, text);
  REQUIRE(tree->leaves.size() == 1);
  return tree->leaves[0];
}

/// The mistake that a leaf is refused with: its words and what the caret is under.
inline std::string mistake_of(const std::string& text, const probe::Settings& settings = {}) {
  const auto made = probe::make_probe(leaf_of(text), settings);
  if (made) {
    return "accepted";
  }
  return made.error().message + " [" + text.substr(made.error().offset, made.error().length) + "]";
}

/// One attempt of a new probe.
inline probe::Finding find(const std::string& text, const probe::Settings& settings = {},
                           Milliseconds limit = std::chrono::seconds(10)) {
  auto made = probe::make_probe(leaf_of(text), settings);
  REQUIRE_MESSAGE(made, text);
  return attempt(**made, limit);
}

/// "refused: connection refused", "met: HTTP 200".
inline std::string in_words(const probe::Finding& finding) {
  CHECK_FALSE(finding.final);
  return (finding.met ? "met" : std::string(probe::reason_name(finding.reason))) + ": " +
         finding.words;
}

}  // namespace toolkit::support
