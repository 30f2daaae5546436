#pragma once
// Names to addresses, without blocking: an attempt per lookup on a fresh resolver state, since a
// pod's name may not exist for its first seconds (pytorch/pytorch#73682).

#include <toolkit/base/duration.hpp>
#include <toolkit/net/stream.hpp>

#include <sys/socket.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace toolkit::net {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  /// "192.0.2.1:80", "[2001:db8::1]:80".
  [[nodiscard]] std::string text() const;
};

/// What to ask for. `any` is what a connection needs: /etc/hosts, then A and AAAA.
enum class Record { any, a, aaaa, srv };

class Lookup {
 public:
  /// Numeric addresses are answered at once and never asked for.
  static std::unique_ptr<Lookup> of(const Endpoint& endpoint, Record record = Record::any);
  virtual ~Lookup() = default;

  virtual void collect(std::vector<pollfd>& entries) const = 0;
  [[nodiscard]] virtual SteadyTime next_deadline() const = 0;
  virtual void advance(std::span<const pollfd> entries, SteadyTime now) = 0;
  /// Nothing while it is under way; else the addresses, in the order to try (for srv: those of the
  /// targets that came along, and one entry of size 0 for each that did not).
  [[nodiscard]] virtual const std::optional<tl::expected<std::vector<Address>, Trouble>>& result()
      const = 0;
};

}  // namespace toolkit::net
