#pragma once
// Troubles of the network as findings.

#include <toolkit/net/stream.hpp>
#include <toolkit/probe/probe.hpp>

namespace toolkit::probe {

/// Never final: names appear, servers start, certificates are renewed.
[[nodiscard]] Finding finding_of(const net::Trouble& trouble);
/// An attempt's time is over.
[[nodiscard]] Finding silent(std::string_view words);

}  // namespace toolkit::probe
