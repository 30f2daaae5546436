#pragma once
// A rule: a pure function from facts to findings, with what --explain says of it.

#include <toolkit/diagnosis/finding.hpp>
#include <toolkit/gpu/facts.hpp>
#include <toolkit/gpu/tables.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::diagnosis {

/// What the caller wants of this place.
struct Expectations {
  std::optional<int> gpus;              // --expect
  std::string gdr;                      // "required", "" otherwise
  std::string rate;                     // --expect-rate of RDMA ports, "400"
  const gpu::Tables* tables = nullptr;  // of --table; null for the built-in ones
};

struct Question {
  const gpu::Facts& facts;
  const Expectations& expect;
};

struct Rule {
  std::string_view id;        // "dev.nodes"
  std::string_view question;  // "Can the device files be opened?"
  std::string_view explains;  // what is read, how it is judged, why: a paragraph for --explain
  std::string_view source;    // where the rule comes from: a document, project#issue
  std::span<const std::string_view>
      needs;  // ids whose failure makes this rule's answer meaningless
  /// One finding a scope; ids may stay empty. Nothing: the rule does not apply and is not shown.
  std::vector<Finding> (*judge)(const Question& question);
};

/// Small makers, so that a rule reads as one sentence.
[[nodiscard]] Finding pass(std::string cause, std::vector<std::string> evidence = {});
[[nodiscard]] Finding warn(Owner owner, std::string cause, std::string remedy,
                           std::vector<std::string> evidence = {});
[[nodiscard]] Finding fail(Owner owner, std::string cause, std::string remedy,
                           std::vector<std::string> evidence = {});
[[nodiscard]] Finding skip(std::string reason, std::vector<std::string> evidence = {});
[[nodiscard]] Finding unknown(std::string reason, std::vector<std::string> evidence = {});

/// All rules along the chain of judgement: the first that fails is the cause.
[[nodiscard]] std::span<const Rule> all_rules();

/// Whose job a rule's failures and warnings are, and what they do: "user: …|node: …"; "" where the
/// rule only tells.
[[nodiscard]] std::string_view who_acts(std::string_view id);

}  // namespace toolkit::diagnosis
