#pragma once
// Readers of the values that only `run` has, found by argument-dependent lookup.

#include <toolkit/cli/option.hpp>
#include <toolkit/supervise/options.hpp>

namespace toolkit::process {

Result<void> read_value(std::string_view text, Signal& out);

}  // namespace toolkit::process

namespace toolkit::output {

Result<void> read_value(std::string_view text, ConsoleMode& out);
Result<void> read_value(std::string_view text, LogFormat& out);

}  // namespace toolkit::output

namespace toolkit::supervise {

Result<void> read_value(std::string_view text, SignalTarget& out);
Result<void> read_value(std::string_view text, Leftover& out);
Result<void> read_value(std::string_view text, RewriteTable& out);  // adds one FROM=TO
Result<void> read_value(std::string_view text, Notice& out);
Result<void> read_value(std::string_view text, RestartPolicy& out);
Result<void> read_value(std::string_view text, CodeSet& out);
Result<void> read_value(std::string_view text, ExitMapping& out);
Result<void> read_value(std::string_view text, FileMode& out);
Result<void> read_value(std::string_view text, Precision& out);

}  // namespace toolkit::supervise
