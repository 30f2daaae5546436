#pragma once
// The records of a DNS answer to a question for SRV (RFC 2782), with the addresses that came along.

#include <toolkit/net/resolver.hpp>

namespace toolkit::net {

/// One entry for each SRV record: the first address of its target that came along, with the
/// record's port, or one of size 0 when none did. Nothing for bytes that are no answer.
[[nodiscard]] std::optional<std::vector<Address>> parse_srv_answer(
    std::span<const unsigned char> message);

}  // namespace toolkit::net
