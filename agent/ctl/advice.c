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
  { "Busy",
    "'euiccctl status' and 'euiccctl sessions' show what is under way: try again when it is over" },
  { "Cancelled", "open another when it is wanted" },
  { "CardAbsent", "see 'euiccctl status'" },
  { "ClientIdsExhausted", "end what else talks to the modem, or restart the modem" },
  { "CommandRefused", "the SM-SR knows the status word" },
  { "ConnectFailed",
    "see Host and its ports in euicc-agent.conf(5), and whether a firewall is on the way" },
  { "ConnectionLost", "the network or the server broke it off: in a handshake, see TlsPreset in "
                      "euicc-agent.conf(5), else RetryLimit" },
  { "HandshakeFailed", "see TlsPreset and TlsSuites in euicc-agent.conf(5)" },
  { "InvalidArgument", "see 'euiccctl --help', and [sm-sr] in euicc-agent.conf(5)" },
  { "Interrupted", "the SM-SR was told, and has to find out" },
  { "KeysChanged", "open another session, which takes the keys that are held now" },
  { "LimitExceeded", "whatever is at Host and its port is no SM-SR, or its answers are broken" },
  { "ModemFailed", "see 'euiccctl show', and 'journalctl -u euicc-agent'" },
  { "NoBearer", "see [bearer] in euicc-agent.conf(5), and 'mmcli -m any'" },
  { "NoCommonCipherSuite", "try TlsSuites=legacy, see euicc-agent.conf(5)" },
  { "NoKey", "see KEYS in euicc-agent.conf(5)" },
  { "NoSuchTransport", "take auto, https or cat-tp" },
  { "NotAuthorized", "become root, or have a rule of polkit that allows it" },
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
ea_advice_get_bare_name (const char *name)
{
  return g_str_has_prefix (name, ERROR_PREFIX) ? name + strlen (ERROR_PREFIX) : name;
}

const char *
ea_advice_get (const char *name)
{
  const char *bare = ea_advice_get_bare_name (name);

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if (strcmp (table[i].name, bare) == 0)
      return table[i].advice;
  return NULL;
}

void
ea_advice_explain_bus (GError **error)
{
  const char *sentence = NULL;

  if (g_error_matches (*error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED))
    sentence = "you may not talk to the agent: become root, or join the group 'euicc'";
  else if (g_error_matches (*error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)
           || g_error_matches (*error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER))
    sentence = "the agent is not running: try 'systemctl start euicc-agent', and "
               "'journalctl -u euicc-agent' if it does not stay";
  else if (g_error_matches (*error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY)
           || g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    sentence = "the agent does not answer: see 'journalctl -u euicc-agent'";
  else if (g_error_matches (*error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD))
    sentence = "the agent that runs can't do that: 'systemctl restart euicc-agent' starts the one "
               "that is installed";
  if (sentence == NULL)
    return;
  g_free ((*error)->message);
  (*error)->message = g_strdup (sentence);
}

/* Methods whose callers polkit is asked about, by its action. @invalid: the next step where an argument was wrong, or what
 * the method is about */
static const struct
{
  const char *name;
  const char *action;
  const char *invalid;
} methods[] = {
  { "OpenSession", "open-session", "see 'euiccctl --help', and [sm-sr] in euicc-agent.conf(5)" },
  { "Cancel", "cancel-session", "see 'euiccctl sessions'" },
  { "Rescan", "rescan", "see 'euiccctl status'" },
  { "Reload", "reload", "'euiccctl check-config' lists all mistakes" },
};

/* (transfer full) (nullable) */
static char *
advise (const char *method, const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      if (strcmp (methods[i].name, method) != 0)
        continue;
      if (strcmp (name, ERROR_PREFIX "LimitExceeded") == 0)
        return NULL; /* the sentence says what to do; the step is that of a session */
      if (strcmp (name, ERROR_PREFIX "InvalidArgument") == 0)
        return g_strdup (methods[i].invalid);
      if (strcmp (name, ERROR_PREFIX "NotAuthorized") == 0)
        return g_strdup_printf ("become root, or have a polkit rule for the action "
                                "org.euicc.agent1.%s; on a terminal polkit asks for a password",
                                methods[i].action);
    }
  return g_strdup (ea_advice_get (name));
}

void
ea_advice_add (const char *method, GError **error)
{
  g_autofree char *name = g_dbus_error_get_remote_error (*error);
  g_autofree char *advice = name != NULL ? advise (method, name) : NULL;
  g_autofree char *sentence = NULL;

  ea_advice_explain_bus (error);
  (void) g_dbus_error_strip_remote_error (*error); /* else there is nothing to strip */
  if (advice == NULL)
    return;
  sentence = g_strdup ((*error)->message);
  g_free ((*error)->message);
  (*error)->message = g_strdup_printf ("%s: %s", sentence, advice);
}
