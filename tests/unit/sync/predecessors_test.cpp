#include "src/sync/claim_text.hpp"
#include "src/sync/ownership.hpp"

#include <doctest/doctest.h>
#include <tests/support/memory_store.hpp>
#include <tests/support/temp_dir.hpp>

#include <filesystem>

using namespace toolkit;
using namespace toolkit::sync;
using support::MemoryStore;
using support::TempDir;

namespace {

struct Place {
  TempDir dir;
  std::string path = dir / "x.claims";
  MemoryStore store;

  // What one leaves who was killed in another PID namespace.
  void claim_of(const std::string& token) {
    ClaimText text = own_claim_text();
    text.pid_namespace = "pid:[1]";
    text.token = token;
    (void)store.remove(kClaimName);
    REQUIRE(store.create_exclusively(kClaimName, to_json(text)));
  }
  Result<Claim> take(const Predecessors& predecessors) {
    return Claim::take(store, {.patience = Milliseconds(0),
                               .now = nullptr,
                               .sleep = nullptr,
                               .token = "",
                               .predecessors = &predecessors});
  }
};

}  // namespace

TEST_CASE("the claim of who had our journal before is taken over at once, whatever his PID") {
  Place place;
  Predecessors(place.path).note("first");
  place.claim_of("first");
  const Predecessors second(place.path);
  CHECK(second.have("first"));
  CHECK_FALSE(second.have(""));
  CHECK(place.take(second));
}

TEST_CASE("the claim of one without our journal is left alone") {
  Place place;
  Predecessors(place.path).note("first");
  place.claim_of("somebody");
  CHECK(place.take(Predecessors(place.path)).error().kind == ErrorKind::conflict);
  CHECK(place.take(Predecessors()).error().kind == ErrorKind::conflict);
}

TEST_CASE("while the first lives, a second one with the same journal knows nobody") {
  Place place;
  const Predecessors first(place.path);
  first.note("first");
  place.claim_of("first");
  const Predecessors second(place.path);
  CHECK_FALSE(second.have("first"));
  second.note("second");  // and does not write over what the first has noted
  CHECK(place.take(second).error().kind == ErrorKind::conflict);
}

TEST_CASE("who could not claim passes on whom he knew") {
  Place place;
  Predecessors(place.path).note("first");
  for (const char* const token : {"second", "third"}) {
    Predecessors(place.path).note(token);
  }
  CHECK(Predecessors(place.path).have("first"));
  CHECK(Predecessors(place.path).have("third"));
}

TEST_CASE("a copy of the notes, or a damaged one, proves nothing") {
  Place place;
  Predecessors(place.path).note("first");
  std::filesystem::copy_file(place.path, place.dir / "copy.claims");
  CHECK_FALSE(Predecessors(place.dir / "copy.claims").have("first"));
  std::filesystem::resize_file(place.path, 10);
  CHECK_FALSE(Predecessors(place.path).have("first"));
}

TEST_CASE("a claim whose answer was lost is ours at the next try") {
  Place place;
  place.claim_of("ours");
  CHECK(Claim::take(place.store, {.patience = Milliseconds(0),
                                  .now = nullptr,
                                  .sleep = nullptr,
                                  .token = "ours",
                                  .predecessors = nullptr}));
}
