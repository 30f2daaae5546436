#pragma once
// A rendezvous that we host: a PyTorch TCPStore server that counts who has joined, good enough for
// init_process_group (held against 1.13 and 2.6; the queues of 2.8 and the barrier request of 2.10
// are not served). Shell participants (join.hpp) and torch processes mix.
//
// A worker joins as in torch: it adds 1 to the key `init/`. In addition the barrier sets
//   toolkit/workers  N, from the beginning
//   toolkit/ready    1, when N have joined
// so that a participant need not be told N, and can wait for the end instead of asking again and
// again. Unlike in torch, one who leaves before all have come is taken back out of `init/`, so that
// a worker that gave up and comes again is not counted twice.
//
// Strangers do no harm: bytes that are no request close their connection, half a request holds
// nobody up, and memory is bounded (kMaximumBytes of the store, as much again for all buffers).
// When descriptors run short, the connection that has been silent from its beginning the longest
// goes first. There is no authentication, as in torch: do not listen where strangers can reach.

#include <toolkit/base/duration.hpp>
#include <toolkit/base/result.hpp>
#include <toolkit/rendezvous/attendance.hpp>

#include <poll.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace toolkit::rendezvous {

/// When the barrier is over, for whoever drives it. It goes on serving while it is driven, over or
/// not: a torch job needs its store for as long as it lives.
enum class BarrierEnd {
  joined,  // N have joined. For a host that lives on: one that leaves now may cut answers off
  left,    // N have joined, and each has closed its connection: shells after they were told,
           // torch processes when they end
  never    // until told to stop
};

struct BarrierOptions {
  std::string host;          // a numeric address, or localhost; empty: every address, IPv4 and IPv6
  std::uint16_t port = 0;    // 0: any free one
  std::int64_t workers = 1;  // at least 1
  BarrierEnd end = BarrierEnd::left;
};

class Barrier {
 public:
  /// Listens at once. Errors: usage for a host that is no address, else why it cannot listen.
  static Result<std::unique_ptr<Barrier>> listen(const BarrierOptions& options);
  ~Barrier();

  // As of a probe. What is collected is one descriptor, whatever the number of connections.
  void collect(std::vector<pollfd>& entries) const;
  [[nodiscard]] SteadyTime next_deadline() const;
  void advance(std::span<const pollfd> entries, SteadyTime now);

  [[nodiscard]] Attendance attendance() const;
  /// Of those who joined, how many are still connected.
  [[nodiscard]] std::size_t present() const;
  [[nodiscard]] bool is_over() const;
  [[nodiscard]] std::uint16_t port() const;
  /// Open connections, for tests.
  [[nodiscard]] std::size_t connections() const;

 private:
  class Server;
  explicit Barrier(std::unique_ptr<Server> server);
  std::unique_ptr<Server> server_;
};

}  // namespace toolkit::rendezvous
