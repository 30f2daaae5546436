#pragma once
// Facts that may be shown to strangers: who and where is replaced, what is wrong stays.

#include <toolkit/gpu/facts.hpp>

#include <string_view>

namespace toolkit::gpu {

/// UUIDs, GUIDs, GIDs, hardware and IPv4 addresses, serial numbers, container ids, home directories
/// and the names of hosts become placeholders. The same name gets the same placeholder, two that
/// begin alike still do, and what is nothing but zeros stays so: rules find the same. PCI addresses
/// stay, they name a slot. `host_names` are ours, to be found inside of other texts.
void redact(Facts& facts, const std::vector<std::string>& host_names);

}  // namespace toolkit::gpu
