/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The table of euicc-agent.conf(5). */

#include "host/config-key.h"

#include <linux/if.h>
#include <string.h>

#define APN_CHARACTERS_MAX 100 /* TS 23.003 §9.1 */

static const EaConfigKey keys[] = {
  { .section = "agent",
    .key = "LogLevel",
    .kind = EA_CONFIG_CHOICE,
    .standard = "notice",
    .words = { "error", "warning", "notice", "info", "debug" } },
  { .section = "modem",
    .key = "Device",
    .kind = EA_CONFIG_PATHS,
    .standard = "/dev/cdc-wdm*",
    .is_for_all = TRUE },
  { .section = "modem",
    .key = "Proxy",
    .kind = EA_CONFIG_CHOICE,
    .standard = "auto",
    .words = { "auto", "yes", "no" } },
  { .section = "modem",
    .key = "Role",
    .kind = EA_CONFIG_CHOICE,
    .standard = "auto",
    .words = { "auto", "host", "observer" } },
  { .section = "modem",
    .key = "Slot",
    .kind = EA_CONFIG_NUMBER,
    .standard = "1",
    .minimum = 1,
    .maximum = 5 },
  { .section = "bearer",
    .key = "Bearer",
    .kind = EA_CONFIG_CHOICE,
    .standard = "connect",
    .words = { "existing", "connect", "any" } },
  { .section = "bearer",
    .key = "Apn",
    .kind = EA_CONFIG_APN,
    .standard = "",
    .maximum = APN_CHARACTERS_MAX },
  { .section = "bearer",
    .key = "Interface",
    .kind = EA_CONFIG_INTERFACE,
    .standard = "",
    .maximum = IFNAMSIZ - 1 },
  { .section = "bearer",
    .key = "AllowAddresses",
    .kind = EA_CONFIG_RANGES,
    .standard = "",
    .is_for_all = TRUE },
  { .section = "bearer",
    .key = "DenyAddresses",
    .kind = EA_CONFIG_RANGES,
    .standard = "",
    .is_for_all = TRUE },
};

const EaConfigKey *
ea_config_key_find (const char *section, const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    if (strcmp (keys[i].section, section) == 0 && strcmp (keys[i].key, name) == 0)
      return &keys[i];
  return NULL;
}

gboolean
ea_config_key_has_section (const char *section)
{
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    if (strcmp (keys[i].section, section) == 0)
      return TRUE;
  return FALSE;
}
