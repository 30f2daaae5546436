#include <doctest/doctest.h>
#include <tests/support/report.hpp>

#include <atomic>
#include <mutex>
#include <ostream>
#include <utility>
#include <vector>

namespace toolkit::support {

namespace {
std::atomic<bool> failed = false;
std::mutex guard;  // tests may run programs from threads
std::vector<std::string> paragraphs;

struct Report : doctest::IReporter {
  std::ostream& out;
  explicit Report(const doctest::ContextOptions& options) : out(*options.cout) {}

  void test_case_start(const doctest::TestCaseData&) override {
    failed = false;
    paragraphs.clear();
  }
  void log_assert(const doctest::AssertData& data) override { failed = failed || data.m_failed; }
  void test_case_exception(const doctest::TestCaseException&) override { failed = true; }
  void test_case_end(const doctest::CurrentTestCaseStats&) override {
    for (const std::string& paragraph : failed ? paragraphs : std::vector<std::string>{}) {
      out << paragraph << '\n';
    }
  }

  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats&) override {}
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_message(const doctest::MessageData& data) override {
    failed = failed || (data.m_severity & doctest::assertType::is_warn) == 0;  // FAIL, FAIL_CHECK
  }
  void test_case_skipped(const doctest::TestCaseData&) override {}
};
REGISTER_LISTENER("toolkit", 1, Report);
}  // namespace

bool current_test_failed() { return failed; }

void on_failure_print(std::string paragraph) {
  const std::lock_guard lock(guard);
  paragraphs.push_back(std::move(paragraph));
}

}  // namespace toolkit::support
