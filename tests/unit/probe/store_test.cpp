#include "typed.hpp"

#include <toolkit/rendezvous/barrier.hpp>

#include <tests/support/drive_probe.hpp>
#include <tests/support/wait_until.hpp>

#include <atomic>
#include <thread>

using toolkit::probe::Finding;
using toolkit::probe::make_barrier;
using toolkit::probe::make_join;
using toolkit::probe::make_store;
using toolkit::probe::Reason;
using toolkit::rendezvous::Barrier;
using toolkit::support::attempt;
using toolkit::support::drive_until_met;
using toolkit::support::typed_mistake;
using toolkit::support::typed_probe;

namespace {

/// A barrier that somebody drives: a thread of its own.
class Host {
 public:
  explicit Host(std::int64_t workers) {
    auto barrier = Barrier::listen({.host = "127.0.0.1", .port = 0, .workers = workers});
    REQUIRE(barrier);
    barrier_ = std::move(*barrier);
    port_ = barrier_->port();
    thread_ = std::thread([this] { drive(); });
  }
  ~Host() {
    stop_ = true;
    thread_.join();
  }
  [[nodiscard]] std::string at(const std::string& scheme, const std::string& rest = "") const {
    return scheme + "://127.0.0.1:" + std::to_string(port_) + rest;
  }
  [[nodiscard]] bool is_over() const { return over_; }

 private:
  void drive() {
    while (!stop_) {
      std::vector<pollfd> entries;
      barrier_->collect(entries);
      ::poll(entries.data(), entries.size(), 10);
      barrier_->advance(entries, std::chrono::steady_clock::now());
      over_ = barrier_->is_over();
    }
  }

  std::unique_ptr<Barrier> barrier_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_ = false, over_ = false;
  std::thread thread_;
};

}  // namespace

TEST_CASE(
    "store: is asked often while workers are missing, or before it listens, and then seldom") {
  using toolkit::Milliseconds;
  const auto looks = [](const std::string& typed) {
    auto probe = typed_probe(make_store, typed);
    attempt(*probe);
    return probe;
  };
  const Host host(2);
  const auto missing = looks(host.at("store", "?workers=2"));
  CHECK(missing->pace() <= Milliseconds(40));
  CHECK(looks(host.at("store"))->pace() == toolkit::probe::kUsualPace);
  CHECK(looks("store://127.0.0.1:1?workers=2")->pace() <= Milliseconds(40));
  const auto first = typed_probe(make_join, host.at("join"));
  const auto second = typed_probe(make_join, host.at("join"));
  attempt(*first), attempt(*second);
  CHECK(attempt(*missing).met);
  CHECK(missing->pace() == toolkit::probe::kUsualPace);
}

TEST_CASE("store: the workers are counted against the wanted number") {
  const Host host(3);
  const auto looks = typed_probe(make_store, host.at("store", "?workers=2"));
  Finding finding = attempt(*looks);
  CHECK_FALSE(finding.met);
  CHECK_FALSE(finding.final);
  CHECK(finding.reason == Reason::not_yet);
  CHECK(finding.words == "0/2 joined (the store has no init/)");
  const auto first = typed_probe(make_join, host.at("join"));
  CHECK(attempt(*first).words == "1/3 joined, as number 1");
  CHECK(attempt(*looks).words == "1/2 joined");
  const auto second = typed_probe(make_join, host.at("join"));
  CHECK(attempt(*second).words == "2/3 joined, as number 2");
  finding = attempt(*looks);
  CHECK(finding.met);
  CHECK(finding.words == "2/2 joined");
  CHECK(attempt(*typed_probe(make_store, host.at("store") + " workers=3")).words == "2/3 joined");
  CHECK(attempt(*typed_probe(make_store, host.at("store"))).met);
}

TEST_CASE("join: the last one lets all others go, between their attempts") {
  const Host host(2);
  const auto first = typed_probe(make_join, host.at("join"));
  CHECK_FALSE(attempt(*first).met);
  CHECK(first->tells_all());
  CHECK(drive_until_met(*typed_probe(make_join, host.at("join"))).words == "2/2 joined");
  const Finding finding = drive_until_met(*first);
  CHECK(finding.met);
  CHECK(finding.final);
  CHECK(toolkit::support::wait_until([&] { return host.is_over(); }));
}

TEST_CASE("store and join: nobody there, and one who never answers") {
  std::string gone;
  { gone = Host(1).at(""); }
  for (const auto& [make, scheme] :
       {std::pair(&make_store, "store"), std::pair(&make_join, "join")}) {
    const auto refused = attempt(*typed_probe(make, scheme + gone + "?workers=2"));
    CHECK(refused.reason == Reason::refused);
    CHECK_FALSE(refused.final);
  }
}

TEST_CASE("barrier: hosts what the others join, and is met when they have gone") {
  std::string place;
  { place = Host(1).at(""); }
  auto barrier = typed_probe(make_barrier, "barrier" + place + "?workers=1");
  CHECK(attempt(*barrier).words == "0/1 joined");
  CHECK(barrier->tells_all());
  CHECK_FALSE(barrier->stirred());
  std::thread worker([&] {
    // In an else silent thread: what is wrong shows as a barrier that is not met.
    (void)drive_until_met(*typed_probe(make_join, "join" + place));
  });
  const Finding finding = drive_until_met(*barrier);
  worker.join();
  CHECK(finding.met);
  CHECK(finding.words == "1/1 joined");
}

TEST_CASE("barrier: a port that is taken may be free later") {
  const Host host(1);
  const Finding finding = attempt(*typed_probe(make_barrier, host.at("barrier", "?workers=1")));
  CHECK(finding.reason == Reason::busy);
  CHECK_FALSE(finding.final);
}

TEST_CASE("store, join, barrier: mistakes show their place") {
  CHECK(typed_mistake(make_store, "store:node-0") == "store: 'node-0' is not //HOST:PORT\nnode-0");
  CHECK(typed_mistake(make_store, "store://me:hunter2@node-0:1")
            .starts_with("store: '//me:***@node-0:1' is not //HOST:PORT"));
  CHECK(typed_mistake(make_store, "store://node-0:1?workers=0") ==
        "store: '0' is not a number of workers\n0");
  CHECK(typed_mistake(make_store, "store://node-0:1?ranks=2") ==
        "store: has no '?ranks=2'\n?ranks=2");
  CHECK(typed_mistake(make_store, "store://node-0:1 workers=many") ==
        "store: 'many' is not a number of workers\nmany");
  CHECK(typed_mistake(make_store, "store://node-0:1 workers<2") ==
        "workers: only = or >= N can be waited for\nworkers");
  CHECK(typed_mistake(make_join, "join://node-0:1 ranks=2") == "join: has no 'ranks'\nranks");
  CHECK(typed_mistake(make_barrier, "barrier://:1") == "barrier: how many workers?\n//:1");
}
