/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cattp-link-rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake-time.h"
#include "helpers.h"
#include "wait.h"

#define ADDRESS "127.0.0.1"
#define CONNECT_LIMIT_MS 20000

static const guint8 identification[] = { 0x89, 0x00, 0x10, 0x12 };

int
cattp_link_rig_setup (void **state)
{
  CattpLinkRig *rig = g_new0 (CattpLinkRig, 1);

  rig->peer = cattp_peer_new ();
  rig->diary = g_string_new (NULL);
  rig->room = CATTP_LINK_RIG_ROOM;
  *state = rig;
  return 0;
}

void
cattp_link_rig_drop (CattpLinkRig *rig)
{
  g_signal_handlers_disconnect_by_data (rig->link, rig);
  g_clear_object (&rig->link);
}

int
cattp_link_rig_teardown (void **state)
{
  CattpLinkRig *rig = *state;

  if (rig->link != NULL)
    cattp_link_rig_drop (rig);
  WAIT_FOR (rig->alive == NULL);
  fake_time_stop ();
  cattp_peer_free (rig->peer);
  g_string_free (rig->diary, TRUE);
  g_clear_error (&rig->error);
  g_free (rig);
  return 0;
}

static void
note (CattpLinkRig *rig, const char *word, const char *more)
{
  g_string_append_printf (rig->diary, "%s%s%s\n", word, more[0] != '\0' ? " " : "", more);
  if (g_strcmp0 (rig->drop_at, word) == 0)
    cattp_link_rig_drop (rig);
}

static void
on_opened (EaCattpLink *link, guint max_sdu, gpointer user_data)
{
  g_autofree char *text = g_strdup_printf ("%u", max_sdu);

  note (user_data, "opened", text);
}

static gboolean
has_room (const CattpLinkRig *rig)
{
  return rig->room > 0 && (rig->answers_max == 0 || rig->n_answers < rig->answers_max);
}

static gboolean
on_sdu (EaCattpLink *link, GBytes *sdu, gpointer user_data)
{
  CattpLinkRig *rig = user_data;
  g_autofree char *text = ea_span_to_hex (ea_span_from_bytes (sdu));

  if (!has_room (rig))
    {
      rig->n_refused++;
      return FALSE;
    }
  rig->room--;
  rig->n_sdus++;
  if (rig->answers_max > 0)
    {
      rig->n_answers++;
      assert_true (ea_cattp_link_send (link, sdu, NULL));
    }
  note (rig, "sdu", text);
  return TRUE;
}

static void
on_delivered (EaCattpLink *link, gpointer user_data)
{
  CattpLinkRig *rig = user_data;

  rig->n_delivered++;
  if (rig->answers_max > 0)
    {
      rig->n_answers--;
      ea_cattp_link_resume (link);
    }
  note (rig, "delivered", "");
}

static void
on_closed (EaCattpLink *link, const GError *error, gpointer user_data)
{
  CattpLinkRig *rig = user_data;

  rig->n_closed++;
  assert_int_equal (rig->n_closed, 1);
  if (error != NULL)
    rig->error = g_error_copy (error);
  note (rig, "closed", "");
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  gboolean *is_connected = user_data;

  *is_connected = ea_link_connect_finish (EA_LINK (source), result, NULL);
  assert_true (*is_connected);
}

/* (transfer full) */
static EaLink *
connect_to_peer (CattpLinkRig *rig)
{
  EaLink *link = ea_link_new (EA_LINK_UDP, NULL);
  g_autoptr (GSocketAddress) peer
      = g_inet_socket_address_new_from_string (ADDRESS, rig->peer->port);
  gboolean is_connected = FALSE;

  ea_link_connect_async (link, G_INET_SOCKET_ADDRESS (peer), CONNECT_LIMIT_MS, NULL, on_connected,
                         &is_connected);
  WAIT_FOR (is_connected);
  return link;
}

void
cattp_link_rig_begin (CattpLinkRig *rig, guint16 max_sdu, guint keep_alive_ms)
{
  g_autoptr (EaLink) link = connect_to_peer (rig);

  rig->link
      = ea_cattp_link_new (link, CATTP_PEER_PORT, max_sdu,
                           ea_span_init (identification, sizeof identification), keep_alive_ms);
  rig->alive = rig->link;
  g_object_add_weak_pointer (G_OBJECT (rig->link), (gpointer *) &rig->alive);
  g_signal_connect (rig->link, "opened", G_CALLBACK (on_opened), rig);
  g_signal_connect (rig->link, "sdu", G_CALLBACK (on_sdu), rig);
  g_signal_connect (rig->link, "delivered", G_CALLBACK (on_delivered), rig);
  g_signal_connect (rig->link, "closed", G_CALLBACK (on_closed), rig);
}

void
cattp_link_rig_open (CattpLinkRig *rig)
{
  cattp_link_rig_begin (rig, G_MAXUINT16, 0);
  cattp_peer_await_link (rig->peer, 1);
  cattp_link_rig_expect_diary (rig, "opened 65535\n");
}

void
cattp_link_rig_send (CattpLinkRig *rig, const char *sdu)
{
  g_autoptr (GBytes) bytes = bytes_of (sdu);

  assert_true (ea_cattp_link_send (rig->link, bytes, NULL));
}

void
cattp_link_rig_send_counted (CattpLinkRig *rig, guint first, guint n_sdus)
{
  for (guint i = first; i < first + n_sdus; i++)
    {
      g_autofree char *sdu = g_strdup_printf ("%04X", i);

      cattp_peer_send (rig->peer, sdu);
    }
}

void
cattp_link_rig_await_all (CattpLinkRig *rig)
{
  WAIT_FOR (ea_cattp_link_get_bytes_received (rig->link) == rig->peer->n_octets_sent);
}

void
cattp_link_rig_await_held (CattpLinkRig *rig)
{
  WAIT_FOR (rig->n_refused > 0);
}

void
cattp_link_rig_resume (CattpLinkRig *rig, guint room)
{
  rig->room = room;
  ea_cattp_link_resume (rig->link);
}

static void
await_end (CattpLinkRig *rig)
{
  fake_time_let_fly ();
  WAIT_FOR (rig->n_closed == 1);
}

void
cattp_link_rig_expect_end (CattpLinkRig *rig)
{
  await_end (rig);
  if (rig->error != NULL)
    fail_msg ("%s", rig->error->message);
}

void
cattp_link_rig_expect_failure (CattpLinkRig *rig, EaCattpLinkError code, const char *message)
{
  await_end (rig);
  assert_non_null (rig->error);
  assert_string_equal (rig->error->message, message);
  assert_true (g_error_matches (rig->error, EA_CATTP_LINK_ERROR, (int) code));
}

void
cattp_link_rig_expect_diary (CattpLinkRig *rig, const char *lines)
{
  assert_string_equal (rig->diary->str, lines);
}
