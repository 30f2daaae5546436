#pragma once
// How many have joined a PyTorch job, from its TCPStore, without a trace in it: the key `init/` is
// looked at and never touched (a probe that adds 1 would release rank 0 early). Every request is
// sent in one piece, since an old store stops for everybody while it reads half a one. The
// connection is kept between readings.
//
// All releases that tell their dialect by behaviour are read: 1.7 to 2.0 and 2.2 and later, with
// either backend. The few test builds of August 2023 stay silent, which looks as a port does that
// is no store.

#include <toolkit/base/duration.hpp>
#include <toolkit/rendezvous/connect.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace toolkit::rendezvous {

struct Reading {
  enum class Kind {
    counted,      // `joined` have added themselves to `init/`
    uncounted,    // a store without `init/`: nobody has joined, or its launcher does not count
    unreachable,  // see trouble; closed: the connection broke
    no_store,     // reached, and it does not speak as one
    silent        // nothing came until the end of the attempt
  };
  Kind kind = Kind::silent;
  std::int64_t joined = 0;
  net::Trouble trouble;
  bool connected = false;  // of silent: there is a listener
};

class StoreReader {
 public:
  explicit StoreReader(net::Endpoint endpoint, Connect connect = net::Stream::to);
  ~StoreReader();

  /// As of a probe; one reading an attempt. Between attempts there is nothing to poll for.
  void begin(SteadyTime until);
  void collect(std::vector<pollfd>& entries) const;
  [[nodiscard]] SteadyTime next_deadline() const;
  void advance(std::span<const pollfd> entries, SteadyTime now);
  [[nodiscard]] std::optional<Reading> take();

 private:
  class Steps;
  std::unique_ptr<Steps> steps_;
};

}  // namespace toolkit::rendezvous
