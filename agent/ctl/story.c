/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What happens to eUICCs, in words. Sessions and channels have files of their own. */

#include "ctl/story.h"

#include <string.h>

#include "ctl/advice.h"
#include "ctl/story-private.h"

/* Properties of an eUICC whose value ends a sentence; the others that are told have more to them. */
static const char *const beginnings[][2] = {
  { "Eid", "the eUICC is " },
  { "Iccid", "the enabled profile is " },
  { "Atr", "answer to reset: " },
  { "Device", "the modem's port is " },
  { "DeviceId", "the modem is " },
  { "Imei", "the modem's IMEI is " },
  { "Events", "the eUICC wants to be told of: " },
  { "KeySets", "keys are held: " },
};

char *
ea_story_format_value (GVariant *value)
{
  const char *sentence;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return g_strdup (g_variant_get_string (value, NULL));
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING_ARRAY))
    {
      g_autofree const char **words = g_variant_get_strv (value, NULL);

      return g_strjoinv (", ", (char **) words);
    }
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING))
    return ea_report_format_hex (value);
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE ("(ss)")))
    return g_variant_print (value, FALSE);
  g_variant_get (value, "(&s&s)", NULL, &sentence);
  return g_strdup (sentence);
}

char *
ea_story_format_error (GVariant *error)
{
  const char *name;
  const char *sentence;

  g_variant_get (error, "(&s&s)", &name, &sentence);
  if (name[0] == '\0')
    return NULL;
  return g_strdup_printf ("%s (%s)", sentence, ea_advice_get_bare_name (name));
}

static char *
join (const char *state, const char *reason)
{
  if (reason == NULL || reason[0] == '\0')
    return g_strdup (state);
  return g_strdup_printf ("%s: %s", state, reason);
}

static char *
tell_role (EaDbusEuicc *euicc)
{
  const char *role = ea_dbus_euicc_get_role (euicc);
  g_autofree char *explained = join (role, ea_dbus_euicc_get_role_reason (euicc));

  return role[0] != '\0' ? g_strconcat ("the agent's role is ", explained, NULL) : NULL;
}

static char *
tell_error (GVariant *value)
{
  g_autofree char *error = ea_story_format_error (value);

  return error != NULL ? g_strconcat ("error: ", error, NULL) : NULL;
}

/* What is emptied has gone with the modem, and that is told. */
static char *
tell_euicc (EaDbusEuicc *euicc, const char *property, GVariant *value)
{
  g_autofree char *printed = NULL;

  if (strcmp (property, "State") == 0)
    return join (ea_dbus_euicc_get_state (euicc), ea_dbus_euicc_get_state_reason (euicc));
  if (strcmp (property, "Role") == 0)
    return tell_role (euicc);
  if (strcmp (property, "LastError") == 0)
    return tell_error (value);
  printed = ea_story_format_value (value);
  for (gsize i = 0; i < G_N_ELEMENTS (beginnings) && printed[0] != '\0'; i++)
    if (strcmp (beginnings[i][0], property) == 0)
      return g_strconcat (beginnings[i][1], printed, NULL);
  return NULL;
}

char *
ea_story_tell_property (GDBusProxy *proxy, const char *property, GVariant *value)
{
  if (EA_DBUS_IS_EUICC (proxy))
    return tell_euicc (EA_DBUS_EUICC (proxy), property, value);
  if (EA_DBUS_IS_CHANNEL (proxy))
    return ea_story_tell_channel (EA_DBUS_CHANNEL (proxy), property, value);
  return ea_story_tell_session (EA_DBUS_SESSION (proxy), property, value);
}

char *
ea_story_tell_switch (const char *old_iccid, const char *new_iccid, const char *reason)
{
  static const char *const beginnings_of_reasons[][2] = {
    { "sm-sr", "the SM-SR enabled another profile" },
    { "fall-back", "the eUICC fell back to another profile, since it had no network" },
    { "roll-back", "the eUICC went back to the profile before, since the switch did not succeed" },
    { "local", "another profile is enabled, and not by the SM-SR" },
  };
  const char *beginning = "another profile is enabled, and nobody knows why";

  for (gsize i = 0; i < G_N_ELEMENTS (beginnings_of_reasons); i++)
    if (strcmp (beginnings_of_reasons[i][0], reason) == 0)
      beginning = beginnings_of_reasons[i][1];
  return g_strdup_printf ("%s: %s %s %s", beginning, old_iccid, g_get_charset (NULL) ? "→" : "->",
                          new_iccid);
}

static char *
tell_present_euicc (EaDbusEuicc *euicc)
{
  const char *eid = ea_dbus_euicc_get_eid (euicc);
  const char *iccid = ea_dbus_euicc_get_iccid (euicc);
  g_autofree char *state
      = join (ea_dbus_euicc_get_state (euicc), ea_dbus_euicc_get_state_reason (euicc));

  return g_strdup_printf ("%s%s%s%s%s", eid[0] != '\0' ? eid : "an eUICC",
                          iccid[0] != '\0' ? " with the profile " : "", iccid, ", ", state);
}

char *
ea_story_tell_present (GDBusProxy *proxy)
{
  if (EA_DBUS_IS_EUICC (proxy))
    return tell_present_euicc (EA_DBUS_EUICC (proxy));
  if (EA_DBUS_IS_CHANNEL (proxy))
    return ea_story_tell_present_channel (EA_DBUS_CHANNEL (proxy));
  return ea_story_tell_present_session (EA_DBUS_SESSION (proxy));
}

char *
ea_story_tell_new (GDBusProxy *proxy)
{
  if (EA_DBUS_IS_EUICC (proxy))
    return g_strconcat ("a modem has come: ", ea_dbus_euicc_get_device_id (EA_DBUS_EUICC (proxy)),
                        NULL);
  if (EA_DBUS_IS_CHANNEL (proxy))
    return ea_story_tell_new_channel (EA_DBUS_CHANNEL (proxy));
  return ea_story_tell_new_session (EA_DBUS_SESSION (proxy));
}

char *
ea_story_tell_progress (GDBusProxy *proxy)
{
  g_autofree char *counts = NULL;

  if (EA_DBUS_IS_CHANNEL (proxy))
    {
      counts = ea_report_describe_counts (EA_DBUS_CHANNEL (proxy));
      return g_strdup_printf ("channel %u: %s",
                              ea_dbus_channel_get_number (EA_DBUS_CHANNEL (proxy)), counts);
    }
  counts = ea_report_describe_progress (EA_DBUS_SESSION (proxy));
  return g_strdup_printf ("session %s: %s", ea_story_get_number (proxy), counts);
}

char *
ea_story_tell_end (GDBusProxy *proxy)
{
  g_autofree char *counts = NULL;

  if (EA_DBUS_IS_SESSION (proxy))
    return ea_story_tell_end_of_session (EA_DBUS_SESSION (proxy));
  counts = ea_report_describe_counts (EA_DBUS_CHANNEL (proxy));
  return g_strdup_printf ("channel %u is closed: %s",
                          ea_dbus_channel_get_number (EA_DBUS_CHANNEL (proxy)), counts);
}

const char *
ea_story_get_mood (GDBusProxy *proxy, const char *property)
{
  if (strcmp (property, "LastError") == 0 || strcmp (property, "Error") == 0)
    return "failed";
  if (EA_DBUS_IS_SESSION (proxy) && strcmp (property, "Result") == 0)
    return ea_dbus_session_get_result (EA_DBUS_SESSION (proxy));
  if (strcmp (property, "State") != 0)
    return NULL;
  if (EA_DBUS_IS_EUICC (proxy))
    return ea_dbus_euicc_get_state (EA_DBUS_EUICC (proxy));
  return EA_DBUS_IS_CHANNEL (proxy) ? ea_dbus_channel_get_state (EA_DBUS_CHANNEL (proxy))
                                    : ea_dbus_session_get_state (EA_DBUS_SESSION (proxy));
}
