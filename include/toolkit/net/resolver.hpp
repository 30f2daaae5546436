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

/// What to ask for. `any` is what a connection needs: /etc/hosts, then A and AAAA, where one family
/// does not wait long for the other (RFC 8305, 3); `all` is the same with all of the answer.
enum class Record { any, all, a, aaaa, srv };

class Lookup {
 public:
  using Answer = tl::expected<std::vector<Address>, Trouble>;

  /// Numeric addresses are answered at once and never asked for. The name servers are those of
  /// resolv.conf(5), with its search list, read anew; without the file 127.0.0.1 is asked. Each is
  /// asked for 1 s, and in a second round for 2 s. `server`, "192.0.2.53" or "192.0.2.53:5353", is
  /// asked instead of them, and then /etc/hosts has no say.
  static std::unique_ptr<Lookup> of(const Endpoint& endpoint, Record record = Record::any,
                                    const std::string& server = {});
  virtual ~Lookup() = default;

  virtual void collect(std::vector<pollfd>& entries) const = 0;
  [[nodiscard]] virtual SteadyTime next_deadline() const = 0;
  virtual void advance(std::span<const pollfd> entries, SteadyTime now) = 0;
  /// Nothing while it is under way; else the addresses, in the order to try, at least one (for srv:
  /// one entry a record, its target's first address that came along, or size 0 when none did).
  /// Trouble is Cause::timed_out when no name server answers, else Cause::name; its words tell
  /// apart a name that does not exist, one without such a record, and a server that fails.
  [[nodiscard]] virtual const std::optional<Answer>& result() const = 0;
};

}  // namespace toolkit::net
