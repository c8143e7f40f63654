/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/store-log.h"

/* A whole transaction, as it comes behind the others of @log */
static inline void
append_body (EaStoreLog *log, EaSpan body, EaWriter *out)
{
  EaStoreLogEntry entry;

  ea_store_log_entry_open (&entry, log, body.size, out);
  ea_writer_bytes (out, body);
  ea_store_log_entry_see (&entry, body);
  ea_store_log_entry_close (&entry, out);
}
