#include "src/waiting/leaf_place.hpp"

#include "fake_probe.hpp"

#include <doctest/doctest.h>

using toolkit::Milliseconds;
using toolkit::waiting::interval_at;
using toolkit::waiting::leaf_places;
using namespace toolkit::waiting::test;

TEST_CASE("a leaf is negated under an odd number of nots") {
  const auto tree =
      tree_of(node(Kind::all, {leaf(0), node(Kind::not_, {node(Kind::any, {leaf(1), leaf(2)})}),
                               node(Kind::not_, {node(Kind::not_, {leaf(3)})})}),
              4);
  const auto places = leaf_places(tree);
  REQUIRE(places.size() == 4);
  CHECK_FALSE(places[0].negated);
  CHECK(places[1].negated);
  CHECK(places[2].negated);
  CHECK_FALSE(places[3].negated);
}

TEST_CASE("the shortest for above a leaf is what it is watched for") {
  const auto inner = node(Kind::for_, {leaf(0)}, Milliseconds(200));
  const auto tree =
      tree_of(node(Kind::for_, {node(Kind::all, {inner, leaf(1)})}, Milliseconds(8'000)), 2);
  const auto places = leaf_places(tree);
  CHECK(places[0].stable == Milliseconds(200));
  CHECK(places[1].stable == Milliseconds(8'000));
}

TEST_CASE("a for sees its leaves at least four times") {
  CHECK(interval_at({false, {}}, Milliseconds(1'000)) == Milliseconds(1'000));
  CHECK(interval_at({false, Milliseconds(200)}, Milliseconds(1'000)) == Milliseconds(50));
  CHECK(interval_at({false, Milliseconds(60'000)}, Milliseconds(1'000)) == Milliseconds(1'000));
  CHECK(interval_at({false, Milliseconds(0)}, Milliseconds(1'000)) == Milliseconds(10));
  CHECK(interval_at({false, Milliseconds(0)}, Milliseconds(5)) == Milliseconds(5));
}

TEST_CASE("all leaves together are asked a hundred times a second at most") {
  using toolkit::waiting::usual_interval;
  CHECK(usual_interval(Milliseconds(50), 1) == Milliseconds(50));
  CHECK(usual_interval(Milliseconds(50), 20) == Milliseconds(200));
  CHECK(usual_interval(Milliseconds(1'000), 1) == Milliseconds(1'000));
  CHECK(usual_interval(Milliseconds(1'000), 100) == Milliseconds(1'000));
  CHECK(usual_interval(Milliseconds(1'000), 200) == Milliseconds(2'000));
}
