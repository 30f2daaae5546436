// From 1.86 on a part of Boost.Process is compiled, and Debian ships its headers without that part.
// The launcher that we use names three functions of it; child_setup.cpp never lets it come so far
// as to call close_all, and nobody asks for the categories. Built only where the library itself is
// missing.
#include <boost/system/error_category.hpp>
#include <boost/system/error_code.hpp>

#include <vector>

namespace boost::process::v2 {

namespace error {
const system::error_category& get_utf8_category() { return system::system_category(); }
const system::error_category& get_exit_code_category() { return system::system_category(); }
}  // namespace error

namespace posix::detail {
void close_all(const std::vector<int>& /*whitelist*/, system::error_code& /*error*/) {}
}  // namespace posix::detail

}  // namespace boost::process::v2
