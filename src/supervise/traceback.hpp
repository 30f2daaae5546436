#pragma once
// Python's exceptions in the end of a child's stderr. A launcher of several ranks lets all of them
// write there: the traceback that says why comes first, then those of ranks that lost their peer,
// and last the launcher's own, which only says that a rank has failed.

#include <string_view>
#include <vector>

namespace toolkit::supervise {

inline constexpr std::string_view kTraceback = "Traceback (most recent call last):";

/// The line that ends each traceback ("ValueError: bad shape"), in their order. What stands before
/// the word Traceback must stand before it too ("[rank1]: "), and stays; ranks may write at once.
[[nodiscard]] std::vector<std::string_view> exception_lines(std::string_view text);

}  // namespace toolkit::supervise
