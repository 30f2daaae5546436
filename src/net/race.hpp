#pragma once
// Connects to the first of several addresses that answers, RFC 8305 ("happy eyeballs"): families
// take turns beginning with that of the first address, and each attempt has a head start of 250 ms
// before the next one joins; one that fails lets the next begin at once.
//
// A connection is no proof of a server: the kernel completes it for a listener that never calls
// accept, and may reset it later (pytorch/pytorch PR #129985). Ask for an answer where there is
// one.

#include <toolkit/base/unique_fd.hpp>
#include <toolkit/net/resolver.hpp>
#include <toolkit/net/stream.hpp>

namespace toolkit::net {

/// TCP lets a socket connect to itself when the kernel picks the wanted port as its own (RFC 9293,
/// 3.5: simultaneous open): nobody listens, and the connection would even take the port away.
[[nodiscard]] bool is_connected_to_itself(int fd);

class Race {
 public:
  /// Addresses in the order of preference, at least one; entries of size 0 are passed over.
  Race(const std::vector<Address>& addresses, SteadyTime now);

  void collect(std::vector<pollfd>& entries) const;
  [[nodiscard]] SteadyTime next_deadline() const;
  void advance(std::span<const pollfd> entries, SteadyTime now);

  /// The connected socket, once there is one; all others are closed then.
  [[nodiscard]] UniqueFd& winner() { return winner_; }
  /// Why no address can be connected to: the most telling of their reasons.
  [[nodiscard]] const std::optional<Trouble>& trouble() const { return trouble_; }
  /// The address of the winner, or of the attempt that began last.
  [[nodiscard]] std::string peer() const;

 private:
  struct Runner {
    UniqueFd fd;
    std::size_t address;
  };
  void start_more(SteadyTime now);
  bool start_one();
  void lose(int error);
  void win(UniqueFd fd, std::size_t address);

  std::vector<Address> addresses_;
  std::size_t next_ = 0;  // address to begin with
  std::size_t latest_ = 0;
  std::vector<Runner> runners_;
  SteadyTime next_start_{};
  UniqueFd winner_;
  std::optional<Trouble> worst_;
  std::optional<Trouble> trouble_;
};

}  // namespace toolkit::net
