#pragma once
// A probe that connects and, where asked, waits for what the server says first. A connection alone
// is a hint of readiness: the kernel accepts for a listener whose program hangs, and may reset
// later (pytorch/pytorch PR #129985). The greeting of SSH, SMTP, FTP or MySQL is a proof.

#include "pattern.hpp"

#include <toolkit/net/stream.hpp>
#include <toolkit/probe/probe.hpp>

#include <functional>

namespace toolkit::probe {

/// `banner` is looked for in the lines of the first 16 KiB. `find_trouble` may have better words
/// for why a stream failed.
[[nodiscard]] std::unique_ptr<Probe> make_connecting_probe(
    std::function<std::unique_ptr<net::Stream>()> connect, std::optional<Pattern> banner,
    std::function<Finding(const net::Trouble&)> find_trouble);

/// The parameter `banner~REGEX`, if there is one.
[[nodiscard]] tl::expected<std::optional<Pattern>, condition::Mistake> banner_of(
    const condition::Leaf& leaf);

}  // namespace toolkit::probe
