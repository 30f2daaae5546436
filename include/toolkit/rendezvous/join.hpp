#pragma once
// A participant of a rendezvous that is no torch process: a shell line, a sidecar. It joins as a
// torch worker does, by adding 1 to `init/`, and waits until all have joined. The host is a barrier
// of ours (barrier.hpp) or the TCPStore of a torch job, of which the participant is then one
// worker.
//
// It joins once. When the connection breaks, a barrier has taken it out again, and it joins anew; a
// torch store keeps the count, so it only goes on asking. When it broke between the add and its
// answer, nobody knows whether a torch store has counted, so that is the end: better one who gives
// up than a job that begins with one worker too few.

#include <toolkit/base/duration.hpp>
#include <toolkit/rendezvous/attendance.hpp>
#include <toolkit/rendezvous/connect.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace toolkit::rendezvous {

struct JoinOptions {
  net::Endpoint host;
  std::int64_t workers = 0;  // N, for a torch store; a barrier says its own
};

class Join {
 public:
  enum class State {
    connecting,   // or asking
    waiting,      // joined, and others are missing
    complete,     // N have joined
    unreachable,  // see trouble(); begin() tries again
    no_store,     // reached, and it does not speak as one; begin() tries again
    no_workers,   // for good: a store that does not say N, and none was given
    lost          // for good: joined or not, nobody knows
  };

  explicit Join(JoinOptions options, Connect connect = net::Stream::to);
  ~Join();

  /// Connects, unless it is connected already or at its end.
  void begin();
  /// Gives a connection up that has not answered, so that begin() tries a fresh one. Does nothing
  /// to one who waits.
  void give_up();
  void collect(std::vector<pollfd>& entries) const;
  [[nodiscard]] SteadyTime next_deadline() const;
  void advance(std::span<const pollfd> entries, SteadyTime now);

  [[nodiscard]] State state() const;
  /// As far as it is known; behind a barrier `joined` is only asked for now and then.
  [[nodiscard]] Attendance attendance() const;
  /// Which one we are, from 1; 0 before we have joined.
  [[nodiscard]] std::int64_t number() const;
  [[nodiscard]] const net::Trouble& trouble() const;
  /// There is a listener, for words about one that is silent.
  [[nodiscard]] bool is_connected() const;

 private:
  class Steps;
  std::unique_ptr<Steps> steps_;
};

}  // namespace toolkit::rendezvous
