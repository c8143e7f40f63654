/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The table of euicc-agent.conf(5). */

#include "host/config-key.h"

#include <linux/if.h>
#include <string.h>

#define APN_CHARACTERS_MAX 100 /* TS 23.003 §9.1 */
#define URI_CHARACTERS_MAX 1024
#define PHONE_DIGITS_MAX 20       /* TS 23.040 §9.1.2.5 */
#define SOCKET_CHARACTERS_MAX 107 /* sun_path of unix(7), behind the zero of an abstract name */
#define MINUTE_S 60
#define HOUR_S (60 * MINUTE_S)
#define DAY_S (24 * HOUR_S)

static const EaConfigKey keys[] = {
  { .section = "agent",
    .key = "LogLevel",
    .kind = EA_CONFIG_CHOICE,
    .standard = "notice",
    .words = { "error", "warning", "notice", "info", "debug" } },
  { .section = "agent",
    .key = "History",
    .kind = EA_CONFIG_NUMBER,
    .standard = "100",
    .minimum = 0,
    .maximum = 1000 },
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
    .key = "ProxyPath",
    .kind = EA_CONFIG_SOCKET,
    .standard = "",
    .maximum = SOCKET_CHARACTERS_MAX },
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
  { .section = "sm-sr", .key = "Host", .kind = EA_CONFIG_HOST, .standard = "", .is_for_all = TRUE },
  { .section = "sm-sr",
    .key = "Port",
    .kind = EA_CONFIG_NUMBER,
    .standard = "443",
    .minimum = 1,
    .maximum = G_MAXUINT16 },
  { .section = "sm-sr",
    .key = "Uri",
    .kind = EA_CONFIG_URI,
    .standard = "/gsma/adminagent",
    .maximum = URI_CHARACTERS_MAX },
  { .section = "sm-sr",
    .key = "CatTpPort",
    .kind = EA_CONFIG_NUMBER,
    .standard = "",
    .minimum = 1,
    .maximum = G_MAXUINT16,
    .is_optional = TRUE },
  { .section = "sm-sr",
    .key = "CatTpUdpPort",
    .kind = EA_CONFIG_NUMBER,
    .standard = "",
    .minimum = 1,
    .maximum = G_MAXUINT16,
    .is_optional = TRUE },
  { .section = "sm-sr",
    .key = "SealedOriginator",
    .kind = EA_CONFIG_PHONE,
    .standard = "+999102127", /* of a country code that is assigned to none (E.164) */
    .maximum = PHONE_DIGITS_MAX },
  { .section = "sm-sr", .key = "DnsServers", .kind = EA_CONFIG_SERVERS, .standard = "" },
  { .section = "sm-sr",
    .key = "TlsPreset",
    .kind = EA_CONFIG_CHOICE,
    .standard = "strict",
    .words = { "strict", "no-etm", "no-etm-no-ems" } },
  { .section = "sm-sr",
    .key = "TlsSuites",
    .kind = EA_CONFIG_CHOICE,
    .standard = "sgp02",
    .words = { "sgp02", "legacy" } },
  { .section = "sm-sr",
    .key = "MaxFragmentLength",
    .kind = EA_CONFIG_CHOICE,
    .standard = "0",
    .words = { "0", "512", "1024", "2048", "4096" } },
  { .section = "sm-sr",
    .key = "RequestFraming",
    .kind = EA_CONFIG_CHOICE,
    .standard = "chunked",
    .words = { "chunked", "length" } },
  { .section = "sm-sr",
    .key = "Protocol",
    .kind = EA_CONFIG_CHOICE,
    .standard = "1.0",
    .words = { "1.0", "1.1.1" } },
  { .section = "sm-sr",
    .key = "NotifyBy",
    .kind = EA_CONFIG_CHOICE,
    .standard = "none",
    .words = { "none", "https" } },
  { .section = "session",
    .key = "Interval",
    .kind = EA_CONFIG_TIME,
    .standard = "off",
    .maximum = 365 * DAY_S },
  { .section = "session",
    .key = "Spread",
    .kind = EA_CONFIG_TIME,
    .standard = "10min",
    .maximum = DAY_S },
  { .section = "session",
    .key = "Timeout",
    .kind = EA_CONFIG_TIME,
    .standard = "1min",
    .minimum = 1,
    .maximum = HOUR_S },
  { .section = "session",
    .key = "RetryLimit",
    .kind = EA_CONFIG_NUMBER,
    .standard = "5",
    .maximum = 1000 },
  { .section = "session",
    .key = "RetryDelay",
    .kind = EA_CONFIG_TIME,
    .standard = "30s",
    .minimum = 1,
    .maximum = DAY_S },
  { .section = "session",
    .key = "RetryMaximum",
    .kind = EA_CONFIG_TIME,
    .standard = "1h",
    .minimum = 1,
    .maximum = 7 * DAY_S },
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
