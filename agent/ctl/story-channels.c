/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What happens to the data channels of eUICCs, in words. */

#include <string.h>

#include "ctl/story-private.h"

static const char *
get_peer (EaDbusChannel *channel)
{
  const char *peer = ea_dbus_channel_get_peer (channel);

  return peer != NULL && peer[0] != '\0' ? peer : "whoever comes";
}

/* " over wwan0", where that is known */
static char *
describe_way (EaDbusChannel *channel)
{
  const char *interface = ea_dbus_channel_get_interface (channel);
  const char *apn = ea_dbus_channel_get_apn (channel);

  return g_strconcat (interface[0] != '\0' ? " over " : "", interface,
                      apn[0] != '\0' ? ", access point name " : "", apn, NULL);
}

static char *
tell_state (EaDbusChannel *channel)
{
  const char *state = ea_dbus_channel_get_state (channel);
  guint number = ea_dbus_channel_get_number (channel);
  const char *peer = get_peer (channel);
  g_autofree char *way = describe_way (channel);

  if (strcmp (state, "waiting") == 0)
    return g_strdup_printf ("channel %u waits for the first data to send", number);
  if (strcmp (state, "connecting") == 0)
    return g_strdup_printf ("channel %u connects to %s%s", number, peer, way);
  if (strcmp (state, "established") == 0)
    return g_strdup_printf ("channel %u is connected to %s%s", number, peer, way);
  if (strcmp (state, "listening") == 0)
    return g_strdup_printf ("channel %u listens%s", number, way);
  if (strcmp (state, "dropped") == 0)
    return g_strdup_printf ("channel %u has lost its connection to %s", number, peer);
  return NULL; /* "closed": told with the end of the object */
}

/* What belongs to the way is told with the state. */
char *
ea_story_tell_channel (EaDbusChannel *channel, const char *property, GVariant *value)
{
  g_autofree char *error = NULL;

  if (strcmp (property, "State") == 0)
    return tell_state (channel);
  if (strcmp (property, "Peer") == 0 && g_variant_get_string (value, NULL)[0] != '\0')
    return g_strdup_printf ("channel %u has %s as its peer", ea_dbus_channel_get_number (channel),
                            get_peer (channel));
  if (strcmp (property, "Error") != 0)
    return NULL;
  error = ea_story_format_error (value);
  return error != NULL ? g_strdup_printf ("channel %u: error: %s",
                                          ea_dbus_channel_get_number (channel), error)
                       : NULL;
}

char *
ea_story_tell_new_channel (EaDbusChannel *channel)
{
  const char *peer = ea_dbus_channel_get_peer (channel);

  return g_strdup_printf (
      "the eUICC opens channel %u: %s%s%s", ea_dbus_channel_get_number (channel),
      ea_dbus_channel_get_transport (channel), peer[0] != '\0' ? " to " : ", as a server", peer);
}

char *
ea_story_tell_present_channel (EaDbusChannel *channel)
{
  g_autofree char *way = describe_way (channel);

  return g_strdup_printf ("channel %u to %s%s is %s", ea_dbus_channel_get_number (channel),
                          get_peer (channel), way, ea_dbus_channel_get_state (channel));
}
