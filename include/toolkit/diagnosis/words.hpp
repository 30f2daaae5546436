#pragma once
// What a verdict says in words, for those who have one line.

#include <toolkit/diagnosis/diagnose.hpp>
#include <toolkit/diagnosis/rule.hpp>

#include <array>
#include <string>
#include <string_view>

namespace toolkit::diagnosis {

struct Counts {
  std::size_t pass = 0, warn = 0, fail = 0, skip = 0, unknown = 0, blocked = 0;
};
/// `skip` are those that do not apply; those that something blocks are in `blocked` alone.
[[nodiscard]] Counts count(const Verdict& verdict);

/// "fit", "fit_with_warnings", "not_fit", "unknown"; for people "FIT TO TRAIN" and so on.
[[nodiscard]] std::string_view verdict_name(const Verdict& verdict);
[[nodiscard]] std::string_view verdict_title(const Verdict& verdict);

/// "NOT FIT TO TRAIN: drv.mismatch, for the node: the driver's libraries are …": one line.
[[nodiscard]] std::string one_line(const Verdict& verdict);

/// The text without what could move a terminal's cursor: from a capture anything may come.
[[nodiscard]] std::string harmless(std::string_view text);

}  // namespace toolkit::diagnosis
