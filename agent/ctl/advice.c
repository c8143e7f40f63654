/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ctl/advice.h"

#include <string.h>

#define ERROR_PREFIX "org.euicc.Agent1.Error."

static const struct
{
  const char *name;
  const char *advice;
} table[] = {
  { "AccessDenied", "'journalctl -u euicc-agent' tells more" },
  { "AddressRefused", "see AllowAddresses in euicc-agent.conf(5)" },
  { "Busy", "see 'euiccctl sessions', and try again when they are over" },
  { "CardAbsent", "see 'euiccctl status'" },
  { "CommandRefused", "the SM-SR knows the status word" },
  { "ConnectFailed",
    "see Host and its ports in euicc-agent.conf(5), and whether a firewall is on the way" },
  { "ConnectionLost",
    "the network or the server broke it off: see how often it is tried again, RetryLimit in "
    "euicc-agent.conf(5)" },
  { "HandshakeFailed", "see TlsPreset and TlsSuites in euicc-agent.conf(5)" },
  { "InvalidArgument", "see 'euiccctl --help', and [sm-sr] in euicc-agent.conf(5)" },
  { "Interrupted", "the SM-SR was told, and has to find out" },
  { "LimitExceeded", "whatever is at Host and its port is no SM-SR, or its answers are broken" },
  { "ModemFailed", "see 'euiccctl show', and 'journalctl -u euicc-agent'" },
  { "NoBearer", "see [bearer] in euicc-agent.conf(5), and 'mmcli -m any'" },
  { "NoCommonCipherSuite", "try TlsSuites=legacy, see euicc-agent.conf(5)" },
  { "NoKey", "see KEYS in euicc-agent.conf(5)" },
  { "NoSuchTransport", "take auto, https or cat-tp" },
  { "NotAuthorized", "become root, or join the group 'euicc'" },
  { "NotRegistered", "see 'euiccctl show', and [switch] in euicc-agent.conf(5)" },
  { "ProtocolError", "see whether an SM-SR is at Host and its port, euicc-agent.conf(5)" },
  { "RedirectRefused", "see Host, Port and Uri in euicc-agent.conf(5)" },
  { "ResolveFailed", "see Host and DnsServers in euicc-agent.conf(5)" },
  { "ScriptMalformed", "the SM-SR was told; it has to send another" },
  { "ServerError", "see Uri in euicc-agent.conf(5), and the log of the server" },
  { "StoreFailed", "see the state directory's file system" },
  { "StoreFull", "make room in the state directory" },
  { "StoreReadOnly", "make the state directory writable" },
  { "Timeout", "see Timeout in euicc-agent.conf(5), and whether the server is there" },
  { "TlsVersion", "see the server's configuration" },
  { "Truncated", "the server has ended its answer too early" },
  { "UnknownApplication", "the SM-SR has addressed what the card does not have" },
  { "UnknownIdentity",
    "see Identity in KEYS of euicc-agent.conf(5), and whether the server knows it" },
  { "WrongContentType", "the server at Host and Uri sends no scripts: see euicc-agent.conf(5)" },
  { "WrongKey", "compare Psk in the key file with the server's: see KEYS in euicc-agent.conf(5)" },
};

const char *
ea_advice_get (const char *name)
{
  const char *bare = g_str_has_prefix (name, ERROR_PREFIX) ? name + strlen (ERROR_PREFIX) : name;

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if (strcmp (table[i].name, bare) == 0)
      return table[i].advice;
  return NULL;
}

void
ea_advice_add (GError **error)
{
  g_autofree char *name = g_dbus_error_get_remote_error (*error);
  const char *advice = name != NULL ? ea_advice_get (name) : NULL;
  g_autofree char *sentence = NULL;

  (void) g_dbus_error_strip_remote_error (*error); /* else there is nothing to strip */
  if (advice == NULL)
    return;
  sentence = g_strdup ((*error)->message);
  g_free ((*error)->message);
  (*error)->message = g_strdup_printf ("%s: %s", sentence, advice);
}
