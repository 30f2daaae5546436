#pragma once
// Facts to JSON and back: the file of --capture and --replay, schema "toolkit.gpu-facts/1".

#include <toolkit/base/result.hpp>
#include <toolkit/gpu/facts.hpp>

#include <string>
#include <string_view>

namespace toolkit::gpu {

/// Indented, ends with a newline. What was not seen is left out.
[[nodiscard]] std::string to_json(const Facts& facts);

/// Bytes from outside: keys that we do not know are passed over, a value of the wrong kind is a
/// usage error that names its place ("driver.nodes[3].mode").
[[nodiscard]] Result<Facts> facts_from_json(std::string_view text);

}  // namespace toolkit::gpu
