#include <toolkit/base/start_up.hpp>

#include <initializer_list>

// Declared here because <nss.h> does not have it in every glibc.
extern "C" int __nss_configure_lookup(const char* database, const char* services);

namespace toolkit {

void pin_name_lookup() {
  __nss_configure_lookup("hosts", "files dns");
  for (const char* database : {"passwd", "group", "services"}) {
    __nss_configure_lookup(database, "files");
  }
}

}  // namespace toolkit
