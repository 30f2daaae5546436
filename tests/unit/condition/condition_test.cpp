#include <toolkit/condition/condition.hpp>

#include <doctest/doctest.h>

using namespace toolkit::condition;
using toolkit::Milliseconds;

namespace {

Tree parsed(const std::vector<std::string>& operands, bool any = false, Milliseconds stable = {}) {
  auto tree = parse(operands, any, stable);
  REQUIRE_MESSAGE(tree.has_value(), tree.error().message);
  return *std::move(tree);
}

std::string shape(const Leaf& leaf) {
  std::string text = leaf.scheme.text + "[" + leaf.target.text + "]";
  for (const Parameter& parameter : leaf.parameters) {
    text += "{" + parameter.key.text + "}" + parameter.op + "{" + parameter.value.text + "}";
  }
  return text;
}

// all(tcp[//db:5432] for(5s not(file[/x]))): what was understood, on one line.
std::string shape(const Tree& tree, const Node& node) {
  if (node.kind == Kind::leaf) {
    return shape(tree.leaves[node.leaf]);
  }
  std::string text = node.kind == Kind::all    ? "all("
                     : node.kind == Kind::any  ? "any("
                     : node.kind == Kind::not_ ? "not("
                                               : "for(" + toolkit::format_duration(node.duration);
  for (const Node& child : node.children) {
    text += (text.ends_with('(') ? "" : " ") + shape(tree, child);
  }
  return text + ")";
}

std::string shape_of(const std::vector<std::string>& operands, bool any = false,
                     Milliseconds stable = {}) {
  const Tree tree = parsed(operands, any, stable);
  return shape(tree, tree.root);
}

std::string shape_of_leaf(const std::string& operand) {
  const Tree tree = parsed({operand});
  REQUIRE(tree.leaves.size() == 1);
  return shape(tree.leaves[0]);
}

// The part of the operand that a piece claims to be.
std::string typed(const std::string& operand, const Piece& piece) {
  return operand.substr(piece.offset, piece.length);
}

}  // namespace

TEST_CASE("every operand is a child of the root, which is all or any") {
  CHECK(shape_of({"tcp://db:5432"}) == "all(tcp[//db:5432])");
  CHECK(shape_of({"tcp://db:5432", "file:/x"}) == "all(tcp[//db:5432] file[/x])");
  CHECK(shape_of({"tcp://db:5432", "file:/x"}, true) == "any(tcp[//db:5432] file[/x])");
}

TEST_CASE("the operand not negates the next one, another not too") {
  CHECK(shape_of({"not", "file:/x", "tcp:a:1"}) == "all(not(file[/x]) tcp[a:1])");
  CHECK(shape_of({"tcp:a:1", "not", "not", "file:/x"}) == "all(tcp[a:1] not(not(file[/x])))");
  CHECK(shape_of({"not", "any(job:a, job:b)"}) == "all(not(any(job[a] job[b])))");
}

TEST_CASE("stability stands around each operand with its negation") {
  CHECK(shape_of({"not", "file:/x", "tcp:a:1"}, true, Milliseconds(5000)) ==
        "any(for(5s not(file[/x])) for(5s tcp[a:1]))");
}

TEST_CASE("all, any, not and for are nested, with blanks wherever they help") {
  CHECK(shape_of({"all(tcp://a:1,any(job:b,not(file:/c)),for(10s,dns:d=3))"}) ==
        "all(all(tcp[//a:1] any(job[b] not(file[/c])) for(10s dns[d=3])))");
  CHECK(shape_of({"  any ( tcp://a:1 ,\n\tfor ( 500ms , job:b )\n) "}) ==
        "all(any(tcp[//a:1] for(500ms job[b])))");
  CHECK(shape_of({"all(job:all)"}) == "all(all(job[all]))");
  CHECK(shape_of({"for('10s',job:a)"}) == "all(for(10s job[a]))");
}

TEST_CASE("a hundred levels are read") {
  std::string operand = "job:a";
  for (int i = 0; i < 100; ++i) {
    operand.insert(0, "not(").append(")");
  }
  CHECK(parsed({operand}).leaves.size() == 1);
}

TEST_CASE("a target outside brackets ends at a blank only") {
  CHECK(shape_of_leaf("http://h:80/a?b=1,2&c=~x(d)<e>!=f") == "http[//h:80/a?b=1,2&c=~x(d)<e>!=f]");
  CHECK(shape_of_leaf("tcp://[::1]:80") == "tcp[//[::1]:80]");
  CHECK(shape_of_leaf("pid:@/run/train.pid") == "pid[@/run/train.pid]");
  CHECK(shape_of_leaf("file:/x)") == "file[/x)]");
  CHECK(shape_of_leaf("dns:peers>=3") == "dns[peers>=3]");
}

TEST_CASE("a target in brackets ends at a comma or a bracket of its level") {
  CHECK(shape_of({"all(http://h/f(1,2)?x, file:/y)"}) == "all(all(http[//h/f(1,2)?x] file[/y]))");
  CHECK(shape_of({"all(file:'/a,b)',file:\"/c,d\")"}) == "all(all(file[/a,b)] file[/c,d]))");
  CHECK(shape_of({"all(file:/a\\,b, file:/c)"}) == "all(all(file[/a,b] file[/c]))");
}

TEST_CASE("parameters are a key, an operator and a value") {
  CHECK(shape_of_leaf("http://h/ status=200-299 body~\\d+ json:/a/b!=3") ==
        "http[//h/]{status}={200-299}{body}~{\\d+}{json:/a/b}!={3}");
  CHECK(shape_of_leaf("file:/x size>=10M age<5m a<=1 b>2") ==
        "file[/x]{size}>={10M}{age}<{5m}{a}<={1}{b}>{2}");
  CHECK(shape_of_leaf("file:/x size >= 10M  state= absent") ==
        "file[/x]{size}>={10M}{state}={absent}");
  CHECK(shape_of({"all(disk:/a free>=1G, memory:8G of=node)"}) ==
        "all(all(disk[/a]{free}>={1G} memory[8G]{of}={node}))");
}

TEST_CASE("quotes hold blanks and what would be an operator or an end") {
  CHECK(shape_of_leaf("http://h/ body~'it is ~ ready' header=\"a \\\"b\\\" \\\\ \\d\"") ==
        "http[//h/]{body}~{it is ~ ready}{header}={a \"b\" \\ \\d}");
  CHECK(shape_of_leaf("http://h/ 'json:/a~1b'=3 body=''") == "http[//h/]{json:/a~1b}={3}{body}={}");
  CHECK(shape_of_leaf("http://h/ body~<title>ok") == "http[//h/]{body}~{<title>ok}");
  CHECK(shape_of_leaf("http://h/ 'json://a'=3") == "http[//h/]{json://a}={3}");
  CHECK(shape_of_leaf("file:/a' b 'c") == "file[/a b c]");
}

TEST_CASE("a backslash keeps a blank, a quote and a comma, and is kept before all else") {
  CHECK(shape_of_leaf("file:/my\\ data/it\\'s\\,") == "file[/my data/it's,]");
  CHECK(shape_of_leaf("file:/a\\\\ b=\\.\\(x\\\\") == "file[/a\\\\]{b}={\\.\\(x\\\\}");
  CHECK(shape_of({"all(file:/a b~\\(c, job:d)"}) == "all(all(file[/a]{b}~{\\(c} job[d]))");
}

TEST_CASE("exec and log take the rest as it is") {
  CHECK(shape_of_leaf("exec:test -f '/a b' && x=\"1\\ 2\"") ==
        "exec[test -f '/a b' && x=\"1\\ 2\"]");
  CHECK(shape_of_leaf("log:/a/b.log~it's, (step 3 ") == "log[/a/b.log~it's, (step 3 ]");
  CHECK(shape_of({"any(exec:f 'a, b)' (c, d) e\\, , log:f~'x' )"}) ==
        "all(any(exec[f 'a, b)' (c, d) e\\,] log[f~'x']))");
}

TEST_CASE("schemes are the same in any case") {
  CHECK(shape_of_leaf("HTTP://Host/") == "http[//Host/]");
  CHECK(shape_of_leaf("Exec:a  b") == "exec[a  b]");
}

TEST_CASE("pieces say where they were typed") {
  const std::string operand = " all(tcp://a:1, file:'/b c'  size >= \"10M\" )";
  const Tree tree = parsed({"job:x", operand});
  REQUIRE(tree.leaves.size() == 3);
  const Leaf& leaf = tree.leaves[2];
  CHECK(leaf.operand == 1);
  CHECK(leaf.text == "file:'/b c'  size >= \"10M\"");
  CHECK(typed(operand, leaf.scheme) == "file");
  CHECK(typed(operand, leaf.target) == "'/b c'");
  REQUIRE(leaf.find("size") != nullptr);
  CHECK(typed(operand, leaf.find("size")->key) == "size");
  CHECK(typed(operand, leaf.find("size")->value) == "\"10M\"");
  CHECK(leaf.find("status") == nullptr);
}

TEST_CASE("a negated leaf counts the operand in which it stands") {
  CHECK(parsed({"not", "job:x"}).leaves[0].operand == 1);
}
