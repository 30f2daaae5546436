#include "src/sync/batch.hpp"

#include <doctest/doctest.h>
#include <tests/support/memory_store.hpp>

#include <algorithm>
#include <functional>

using namespace toolkit;
using namespace toolkit::sync;
using support::MemoryStore;

namespace {

class Deaf : public Observer {
 public:
  void on_file(const FileEvent&) override {}
  void on_problem(const std::string&, const Error&) override {}
  void on_retry(const std::string&, const Error&, Milliseconds) override {}
};

// It is told of each batch, and something may happen to the source meanwhile.
class Batching : public MemoryStore {
 public:
  std::vector<Result<void>> append_many(std::span<const store::Tail> tails,
                                        store::Flow& flow) override {
    together += tails.size();
    if (meanwhile) {
      meanwhile();
    }
    return MemoryStore::append_many(tails, flow);
  }
  [[nodiscard]] store::Capabilities capabilities() const override {
    auto can = MemoryStore::capabilities();
    can.append = can.times = true;
    can.tails = can.batch = 64;
    return can;
  }
  std::size_t together = 0;  // tails of all batches
  std::function<void()> meanwhile;
};

struct World {
  Deaf told;
  Session session{Options{}, told};
  MemoryStore source;
  Batching* destination = nullptr;

  World() {
    session.options.transfer.retries = 1;
    session.options.transfer.retry_delay = Milliseconds(0);
    session.throttle = std::make_unique<Throttle>(0, session.halt);
    session.ledger.open("", {}, {}, false);
    auto made = std::make_unique<Batching>();
    destination = made.get();
    session.places.destination = std::move(made);
  }
  // How many of them are there afterwards.
  std::size_t send(const std::vector<std::string>& keys) {
    std::vector<Task> tasks;
    for (const std::string& key : keys) {
      Task task;
      task.source = &source;
      task.open_by = task.destination = key;
      task.entry = **source.stat(key);
      task.there = *destination->stat(key);
      task.growing = true;
      CHECK(fits_a_batch(task, destination->capabilities(), session.options));
      tasks.push_back(std::move(task));
    }
    std::size_t count = 0;
    transfer_batch(session, tasks, [&](const Task&) { ++count; });
    return count;
  }
};

}  // namespace

TEST_CASE("many logs that grew go in one batch, and are known by their journal the next time") {
  World place;
  for (int length = 100; length <= 300; length += 100) {
    place.source.add_file("x.log", std::string(std::size_t(length), 'a'), length);
    place.source.add_file("y.log", std::string(std::size_t(length) + 1, 'b'), length);
    CHECK(place.send({"x.log", "y.log"}) == 2);
  }
  CHECK(place.destination->together == 6);
  CHECK(place.destination->bytes_of("x.log") == std::string(300, 'a'));
  CHECK(place.destination->bytes_of("y.log") == std::string(301, 'b'));
  CHECK(std::ranges::none_of(place.destination->calls(),  // nothing was read there
                             [](const std::string& call) { return call.starts_with("open"); }));
  CHECK(place.session.tally.summary().bytes_sent == 601);
}

TEST_CASE("a log of a batch that begins otherwise is no tail: the old one is put aside") {
  World place;
  place.source.add_file("x.log", std::string(100, 'a'));
  place.source.add_file("y.log", std::string(100, 'a'));
  REQUIRE(place.send({"x.log", "y.log"}) == 2);
  place.source.add_file("x.log", std::string(200, 'b'), 2);
  place.source.add_file("y.log", std::string(200, 'a'), 2);
  CHECK(place.send({"x.log", "y.log"}) == 2);
  CHECK(place.destination->together == 3);
  CHECK(place.destination->bytes_of("x.log") == std::string(200, 'b'));
  CHECK(place.destination->bytes_of("x.log.~1~") == std::string(100, 'a'));
  CHECK(place.destination->bytes_of("y.log") == std::string(200, 'a'));
}

TEST_CASE("copytruncate while a batch is sent: another look puts the old bytes aside") {
  World place;
  place.source.add_file("x.log", std::string(100, 'a'));
  REQUIRE(place.send({"x.log"}) == 1);
  place.source.add_file("x.log", std::string(200, 'a'), 2);
  place.destination->meanwhile = [&] { place.source.add_file("x.log", std::string(300, 'b'), 3); };
  CHECK(place.send({"x.log"}) == 1);
  CHECK(place.destination->bytes_of("x.log") == std::string(300, 'b'));
  CHECK(place.destination->bytes_of("x.log.~1~") == std::string(200, 'a'));
}

TEST_CASE("one of a batch that cannot be appended goes alone, and the others are not held up") {
  World place;
  place.source.add_file("x.log", "x\n");
  place.source.add_file("y.log", "y\n");
  place.destination->meanwhile = [&] { place.destination->add_file("x.log", "xx", 1); };
  CHECK(place.send({"x.log", "y.log"}) == 2);
  CHECK(place.destination->bytes_of("x.log") == "x\n");
  CHECK(place.destination->bytes_of("y.log") == "y\n");
}

TEST_CASE("without a claim that is surely ours no batch is written") {
  World place;
  place.session.may_write = false;
  place.source.add_file("x.log", "x\n");
  CHECK(place.send({"x.log"}) == 0);
  CHECK(place.destination->together == 0);
  CHECK_FALSE(place.destination->holds("x.log"));
}
