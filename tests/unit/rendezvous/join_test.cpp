#include "fake_store.hpp"
#include "raw_client.hpp"

#include <toolkit/rendezvous/join.hpp>

#include <algorithm>
#include <deque>

using namespace toolkit;
using namespace toolkit::rendezvous;
using Manner = FakeStore::Manner;
using State = Join::State;

namespace {

const SteadyTime kNow{std::chrono::hours(1)};

net::Endpoint at(const Barrier& barrier) { return {"127.0.0.1", barrier.port()}; }

/// Lets both sides go on until it is so.
template <typename Predicate>
bool drive(Barrier& barrier, std::deque<Join>& joins, Predicate predicate) {
  return drive(barrier, [&] {
    const auto now = std::chrono::steady_clock::now();
    for (Join& join : joins) {
      std::vector<pollfd> entries;
      join.collect(entries);
      ::poll(entries.data(), entries.size(), 0);
      join.advance(entries, now);
    }
    return predicate();
  });
}

void step(Join& join, SteadyTime now = kNow) {
  for (int i = 0; i < 20; ++i) {
    join.advance({}, now);
  }
}

}  // namespace

TEST_CASE("shells join a barrier, and all learn that all have come") {
  const auto barrier = host(4);
  std::deque<Join> joins;
  for (int i = 0; i < 3; ++i) {
    joins.emplace_back(JoinOptions{.host = at(*barrier)}).begin();
  }
  const auto waiting = [&] {
    return std::ranges::all_of(joins,
                               [](const Join& join) { return join.state() == State::waiting; });
  };
  CHECK(drive(*barrier, joins, waiting));
  CHECK(barrier->attendance() == Attendance{3, 4});
  CHECK(joins[0].attendance().workers == 4);
  joins.emplace_back(JoinOptions{.host = at(*barrier)}).begin();
  CHECK(drive(*barrier, joins, [&] {
    return std::ranges::all_of(joins,
                               [](const Join& join) { return join.state() == State::complete; });
  }));
  std::vector<std::int64_t> numbers;
  for (const Join& join : joins) {
    numbers.push_back(join.number());
    CHECK(join.attendance().complete());
  }
  std::ranges::sort(numbers);
  CHECK(numbers == std::vector<std::int64_t>{1, 2, 3, 4});
  CHECK(drive(*barrier, joins, [&] { return barrier->is_over(); }));
}

TEST_CASE("the progress behind a barrier is asked for once a second") {
  FakeStore store;
  store.keys.put("toolkit/workers", "3");
  Join join({.host = {"node-0", 29500}}, store.connect());
  join.begin();
  step(join);
  CHECK(join.state() == State::waiting);
  CHECK(join.attendance() == Attendance{1, 3});
  store.keys.put("init/", "2");
  step(join, kNow + std::chrono::milliseconds(900));
  CHECK(join.attendance() == Attendance{1, 3});
  CHECK(join.next_deadline() == kNow + std::chrono::seconds(1));
  step(join, kNow + std::chrono::seconds(1));
  CHECK(join.attendance() == Attendance{2, 3});
  CHECK(join.state() == State::waiting);
  store.keys.put("toolkit/ready", "1");
  step(join, kNow + std::chrono::seconds(1));
  CHECK(join.state() == State::complete);
  CHECK(std::ranges::count(store.commands, Command::add) == 1);
}

TEST_CASE("a shell can be a worker of a torch job") {
  for (const Manner manner : {Manner::plain, Manner::validated}) {
    FakeStore store(manner);
    store.keys.put("init/", "1");
    Join join({.host = {"node-0", 29500}, .workers = 3}, store.connect());
    join.begin();
    step(join);
    CHECK(join.state() == State::waiting);
    CHECK(join.number() == 2);
    CHECK(*store.keys.find("init/") == "2");
    store.keys.put("init/", "3");
    step(join, kNow + std::chrono::milliseconds(100));
    CHECK(join.state() == State::complete);
  }
}

TEST_CASE("a connection to a torch store that breaks is not joined twice") {
  FakeStore store;
  Join join({.host = {"node-0", 29500}, .workers = 2}, store.connect());
  join.begin();
  step(join);
  store.down = true;
  step(join);
  CHECK(join.state() == State::unreachable);
  store.down = false;
  join.begin();
  step(join);
  CHECK(join.state() == State::waiting);
  CHECK(*store.keys.find("init/") == "1");
  CHECK(join.number() == 1);
}

TEST_CASE("another store at the same place is joined anew") {
  FakeStore store;
  Join join({.host = {"node-0", 29500}, .workers = 2}, store.connect());
  join.begin();
  step(join);
  store.down = true;
  step(join);
  store.down = false;
  store.keys = KeyStore();
  join.begin();
  step(join);
  CHECK(*store.keys.find("init/") == "1");
  CHECK(std::ranges::count(store.commands, Command::add) == 2);
}

TEST_CASE("a connection that breaks while a torch store adds is the end, at a barrier it is not") {
  for (const bool barrier : {false, true}) {
    FakeStore store;
    if (barrier) {
      store.keys.put("toolkit/workers", "2");
    }
    store.swallow = Command::add;
    Join join({.host = {"node-0", 29500}, .workers = 2}, store.connect());
    join.begin();
    step(join);
    CHECK(join.state() == State::connecting);
    store.down = true;
    step(join);
    CHECK(join.state() == (barrier ? State::unreachable : State::lost));
    store.down = false;
    store.swallow.reset();
    join.begin();
    step(join);
    CHECK(join.state() == (barrier ? State::waiting : State::lost));
  }
}

TEST_CASE("a store that does not say how many, and what is no store, are told apart") {
  FakeStore store;
  Join join({.host = {"node-0", 29500}}, store.connect());
  join.begin();
  step(join);
  CHECK(join.state() == State::no_workers);
  CHECK(store.keys.find("init/") == nullptr);
  for (const auto& [manner, state] :
       {std::pair(Manner::text, State::no_store), std::pair(Manner::refusing, State::unreachable),
        std::pair(Manner::silent, State::connecting)}) {
    FakeStore other(manner);
    Join stranger({.host = {"node-0", 29500}, .workers = 2}, other.connect());
    stranger.begin();
    step(stranger);
    CHECK(stranger.state() == state);
    stranger.give_up();
    CHECK(stranger.state() != State::connecting);
  }
}
