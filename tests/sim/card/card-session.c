/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Brings channel, session and ISD-R together. A push that comes during a session is kept for after
 * it. The waits of sessions are by the card's own clock and not by TIMER MANAGEMENT.
 */

#include "card-session.h"

#include <string.h>

#include "card-bip-parameters.h"
#include "card-private.h"
#include "card-scp80.h"
#include "sim-tlv.h"

#define PUSH_CHANNEL 0x0101
#define PUSH_LINK 0x0102

/* Octets of TERMINAL PROFILE: events data available and channel status; OPEN CHANNEL, CLOSE CHANNEL, RECEIVE DATA
 * and SEND DATA; TCP and UDP, client, remote */
#define PROFILE_EVENTS 6
#define PROFILE_EVENTS_OF_CHANNELS 0x0C
#define PROFILE_CHANNELS 12
#define PROFILE_CHANNEL_COMMANDS 0x0F
#define PROFILE_TRANSPORTS 17
#define PROFILE_TCP 0x01
#define PROFILE_UDP 0x02

#define TAG_EVENT_LIST 0x19
#define TAG_LOCATION_STATUS 0x1B
#define EVENT_LOCATION_STATUS 0x03
#define EVENT_NETWORK_REJECTION 0x12
#define LOCATION_NORMAL_SERVICE 0x00

/* Octets of the TLS stream that are flushed at once */
#define FLUSH_MAX 1400

void
sim_session_init (SimSession *session, const char *eid)
{
  *session = (SimSession){ .again_us = -1 };
  sim_admin_parameters_init (&session->admin_parameters, eid);
  sim_push_parameters_init (&session->push_parameters, eid);
}

static SimCattpRepairs
add_repairs (SimCattpRepairs a, SimCattpRepairs b)
{
  return (SimCattpRepairs){ .n_retransmitted = a.n_retransmitted + b.n_retransmitted,
                            .n_duplicated = a.n_duplicated + b.n_duplicated,
                            .n_damaged = a.n_damaged + b.n_damaged };
}

static SimCattpRepairs
get_repairs (const SimSession *session)
{
  if (session->link == NULL)
    return session->repairs;
  return add_repairs (session->repairs, sim_card_link_get_repairs (session->link));
}

SimCattpRepairs
sim_card_take_repairs (SimCard *card)
{
  SimSession *session = &card->session;
  SimCattpRepairs before = session->told;

  session->told = get_repairs (session);
  return (SimCattpRepairs){ .n_retransmitted
                            = session->told.n_retransmitted - before.n_retransmitted,
                            .n_duplicated = session->told.n_duplicated - before.n_duplicated,
                            .n_damaged = session->told.n_damaged - before.n_damaged };
}

gboolean
sim_card_has_notified_unasked (SimCard *card)
{
  return card->notification.is_unasked;
}

static void
free_machines (SimSession *session)
{
  session->repairs = get_repairs (session);
  g_clear_pointer (&session->admin, sim_admin_free);
  g_clear_pointer (&session->link, sim_card_link_free);
}

void
sim_session_clear (SimSession *session)
{
  free_machines (session);
  sim_admin_post_clear (&session->post);
  sim_admin_parameters_clear (&session->admin_parameters);
  sim_push_parameters_clear (&session->push_parameters);
}

void
sim_session_reset (SimCard *card)
{
  free_machines (&card->session);
  card->session.phase = SIM_SESSION_IDLE;
  card->session.again_us = -1;
}

/* FALSE, and a complaint: the terminal has not said that it can. */
static gboolean
check_profile (SimCard *card, guint8 transport)
{
  const SimToolkit *toolkit = &card->toolkit;

  if (sim_toolkit_has_profile (toolkit, PROFILE_EVENTS, PROFILE_EVENTS_OF_CHANNELS)
      && sim_toolkit_has_profile (toolkit, PROFILE_CHANNELS, PROFILE_CHANNEL_COMMANDS)
      && sim_toolkit_has_profile (toolkit, PROFILE_TRANSPORTS, transport))
    return TRUE;
  sim_bip_judge_complain (&card->bip.judge, SIM_BIP_FAULT_PROFILE);
  return FALSE;
}

void
sim_card_take_trigger (SimCard *card, EaSpan data)
{
  if (!sim_trigger_read (&card->session.admin_parameters, data))
    return;
  card->session.next = SIM_SESSION_ADMIN;
  card->session.n_triggers++;
}

guint
sim_card_get_n_triggers (SimCard *card)
{
  return card->session.n_triggers;
}

guint16
sim_session_push (SimCard *card, const SimApdu *apdu, GByteArray *out)
{
  SimPushParameters *parameters = &card->session.push_parameters;

  if (!check_profile (card, PROFILE_UDP))
    return SIM_SW_CONDITIONS;
  switch (apdu->p1 << 8 | apdu->p2)
    {
    case PUSH_CHANNEL:
      return sim_push_read_channel (parameters, apdu->data) ? SIM_SW_OK : SIM_SW_WRONG_DATA;
    case PUSH_LINK:
      if (!sim_push_read_link (parameters, apdu->data))
        return SIM_SW_WRONG_DATA;
      card->session.next = SIM_SESSION_CATTP;
      card->session.n_triggers++;
      return SIM_SW_OK;
    default:
      return SIM_SW_WRONG_PARAMETERS;
    }
}

void
sim_session_take_profile (SimCard *card)
{
  if (card->notification.is_due || card->policy.fallback_s > 0)
    sim_bip_set_up_events (&card->bip);
  sim_notification_take_profile (card);
  sim_fallback_take_profile (card);
}

static void
take_location (SimCard *card, EaSpan body)
{
  static const guint8 normal[] = { LOCATION_NORMAL_SERVICE };
  EaSpan status = EA_SPAN_EMPTY;
  gboolean has_service;

  if (!sim_tlv_find_comprehension (body, TAG_LOCATION_STATUS, &status))
    return;
  has_service = ea_span_equal (status, EA_SPAN_OF_ARRAY (normal));
  card->notification.is_wanted |= has_service;
  sim_fallback_take_service (card, has_service);
}

void
sim_session_take_event (SimCard *card, EaSpan body)
{
  static const guint8 location[] = { EVENT_LOCATION_STATUS };
  static const guint8 rejection[] = { EVENT_NETWORK_REJECTION };
  EaSpan events = EA_SPAN_EMPTY;

  sim_bip_take_event (&card->bip, body);
  if (!sim_tlv_find_comprehension (body, TAG_EVENT_LIST, &events))
    return;
  if (ea_span_equal (events, EA_SPAN_OF_ARRAY (location)))
    take_location (card, body);
  else if (ea_span_equal (events, EA_SPAN_OF_ARRAY (rejection)))
    sim_fallback_take_service (card, FALSE);
}

static void
open_channel (SimCard *card)
{
  SimSession *session = &card->session;

  session->phase = SIM_SESSION_RUNNING;
  session->has_failed = FALSE;
  session->again_us = -1;
  sim_bip_set_up_events (&card->bip);
  sim_bip_open (&card->bip, session->kind == SIM_SESSION_ADMIN
                                ? session->admin_parameters.connection
                                : session->push_parameters.connection);
}

static void
begin (SimCard *card, SimSessionKind kind, gboolean is_notification)
{
  SimSession *session = &card->session;

  session->kind = kind;
  session->is_notification = is_notification;
  session->retries_left = kind == SIM_SESSION_ADMIN ? session->admin_parameters.n_retries : 0;
  sim_admin_post_clear (&session->post);
  session->post = (SimAdminPost){
    .uri = is_notification ? sim_notification_build_uri (card, session->admin_parameters.uri)
                           : g_strdup (session->admin_parameters.uri),
  };
  open_channel (card);
}

static void
begin_if_possible (SimCard *card, SimSessionKind kind, gboolean is_notification)
{
  if (check_profile (card, kind == SIM_SESSION_ADMIN ? PROFILE_TCP : PROFILE_UDP))
    begin (card, kind, is_notification);
  else if (is_notification)
    sim_notification_sent (card);
}

static void
notify_if_wanted (SimCard *card)
{
  if (!card->notification.is_wanted)
    return;
  if (card->notification.is_by_https)
    begin_if_possible (card, SIM_SESSION_ADMIN, TRUE);
  else
    sim_notification_send (card);
}

/* Nothing begins before the REFRESH that a switch wants, nor before the notification after it. */
static void
begin_next (SimCard *card)
{
  SimSession *session = &card->session;
  SimSessionKind next = session->next;

  if (card->change.pending != NULL)
    return;
  if (card->notification.is_due)
    {
      notify_if_wanted (card);
      return;
    }
  session->next = SIM_SESSION_NONE;
  if (next != SIM_SESSION_NONE)
    begin_if_possible (card, next, FALSE);
}

/* X-Admin-Targeted-Application: //aid/RID/PIX, both in hexadecimal; (transfer full) (nullable) */
static GBytes *
parse_application (const char *text)
{
  static const char prefix[] = "//aid/";
  g_auto (GStrv) parts = NULL;
  g_autofree char *hex = NULL;

  if (text == NULL)
    return ea_span_to_bytes (sim_aid_isd_r);
  if (!g_str_has_prefix (text, prefix))
    return NULL;
  parts = g_strsplit (text + strlen (prefix), "/", -1);
  hex = g_strjoinv (NULL, parts);
  return ea_bytes_from_hex (hex, NULL);
}

/* A switch that a session orders becomes effective when the session is over. */
static void
run_script (SimCard *card, GBytes *script, const char *application)
{
  SimSession *session = &card->session;
  g_autoptr (GBytes) bytes = parse_application (application);
  EaSpan aid = bytes == NULL ? EA_SPAN_EMPTY : ea_span_from_bytes (bytes);
  gboolean is_isdr = ea_span_equal (aid, sim_aid_isd_r);
  g_autoptr (GBytes) response = NULL;

  if (!is_isdr && sim_isdps_find (card->isdps, aid) == NULL)
    {
      sim_admin_answer (session->admin, "unknown-application", NULL);
      return;
    }
  response = sim_card_run_script (card, is_isdr ? SIM_APPLICATION_ISD_R : SIM_APPLICATION_ISD_P,
                                  aid, ea_span_from_bytes (script));
  card->change.follows_session |= card->change.wants_refresh;
  sim_admin_answer (session->admin, "ok", response);
}

static gboolean
run_admin (SimCard *card)
{
  SimSession *session = &card->session;
  g_autoptr (GBytes) received = sim_bip_pull (&card->bip);
  GBytes *out;
  GBytes *script;
  char *application = NULL;

  if (session->admin == NULL)
    session->admin = sim_admin_new (&session->admin_parameters, &session->post);
  sim_admin_receive (session->admin,
                     received == NULL ? EA_SPAN_EMPTY : ea_span_from_bytes (received));
  while ((script = sim_admin_pull_script (session->admin, &application)) != NULL)
    {
      run_script (card, script, application);
      g_bytes_unref (script);
      g_clear_pointer (&application, g_free);
    }
  while ((out = sim_admin_pull (session->admin, FLUSH_MAX)) != NULL)
    {
      sim_bip_send (&card->bip, ea_span_from_bytes (out));
      g_bytes_unref (out);
    }
  session->has_failed = sim_admin_get_state (session->admin) == SIM_ADMIN_FAILED;
  return sim_admin_get_state (session->admin) == SIM_ADMIN_RUNNING;
}

static void
receive_datagrams (SimCard *card)
{
  GBytes *datagram;

  while ((datagram = sim_bip_pull (&card->bip)) != NULL)
    {
      if (!sim_card_link_receive (card->session.link, ea_span_from_bytes (datagram), card->now_us))
        sim_bip_judge_complain (&card->bip.judge, SIM_BIP_FAULT_DATAGRAM);
      g_bytes_unref (datagram);
    }
}

static void
run_packets (SimCard *card)
{
  SimSession *session = &card->session;
  GBytes *packet;

  while ((packet = sim_card_link_pull_packet (session->link)) != NULL)
    {
      g_autoptr (GByteArray) response = g_byte_array_new ();

      sim_card_receive_packet (card, ea_span_from_bytes (packet), response);
      card->change.follows_session |= card->change.wants_refresh;
      if (response->len > 0)
        sim_card_link_send (session->link, ea_span_from_array (response), card->now_us);
      g_bytes_unref (packet);
    }
}

/* A buffer that has no room for a SYN is as good as no channel. */
static gboolean
run_link (SimCard *card)
{
  SimSession *session = &card->session;
  GBytes *out;

  if (session->link == NULL)
    session->link = sim_card_link_new (&session->push_parameters,
                                       sim_bip_get_granted_size (&card->bip), card->now_us);
  if (session->link == NULL)
    {
      session->has_failed = TRUE;
      return FALSE;
    }
  receive_datagrams (card);
  run_packets (card);
  while ((out = sim_card_link_pull (session->link)) != NULL)
    {
      sim_bip_send (&card->bip, ea_span_from_bytes (out));
      g_bytes_unref (out);
    }
  return !sim_card_link_is_closed (session->link);
}

static void
run (SimCard *card)
{
  SimSession *session = &card->session;
  SimBipState state = sim_bip_get_state (&card->bip);
  gboolean goes_on;

  if (state == SIM_BIP_OPENING)
    return;
  if (state == SIM_BIP_OPEN || session->admin != NULL || session->link != NULL)
    goes_on = session->kind == SIM_SESSION_ADMIN ? run_admin (card) : run_link (card);
  else
    goes_on = TRUE; /* no channel was to be had */
  if (goes_on && state == SIM_BIP_OPEN)
    return;
  session->has_failed |= goes_on;
  session->phase = SIM_SESSION_ENDING;
  sim_bip_close (&card->bip);
}

/* What the next try begins with: the request that got no answer */
static void
keep_post (SimSession *session)
{
  const SimAdminPost *post;

  if (session->admin == NULL)
    return;
  post = sim_admin_get_post (session->admin);
  sim_admin_post_clear (&session->post);
  session->post = (SimAdminPost){
    .uri = g_strdup (post->uri),
    .body = post->body == NULL ? NULL : g_bytes_ref (post->body),
    .status = post->status,
    .is_to_be_resumed = sim_admin_has_posted (session->admin),
  };
}

static void
finish (SimCard *card)
{
  SimSession *session = &card->session;

  if (session->has_failed && session->retries_left > 0)
    {
      keep_post (session);
      session->retries_left--;
      session->again_us = card->now_us + session->admin_parameters.wait_us;
      session->phase = SIM_SESSION_WAITING;
    }
  else
    {
      session->phase = SIM_SESSION_IDLE;
      if (session->is_notification)
        sim_notification_sent (card);
    }
  free_machines (session);
}

void
sim_session_pump (SimCard *card)
{
  SimSession *session = &card->session;

  if (session->phase == SIM_SESSION_RUNNING)
    run (card);
  if (session->phase == SIM_SESSION_ENDING && sim_bip_get_state (&card->bip) == SIM_BIP_CLOSED)
    finish (card);
  if (session->phase == SIM_SESSION_WAITING && session->next != SIM_SESSION_NONE)
    {
      session->phase = SIM_SESSION_IDLE; /* the new push takes the place of the old one */
      session->again_us = -1;
    }
  if (session->phase == SIM_SESSION_IDLE)
    begin_next (card);
}

gboolean
sim_session_is_idle (const SimCard *card)
{
  return card->session.phase == SIM_SESSION_IDLE;
}

static gint64
get_earlier (gint64 a, gint64 b)
{
  if (a < 0 || b < 0)
    return MAX (a, b);
  return MIN (a, b);
}

gint64
sim_card_get_deadline (SimCard *card)
{
  const SimSession *session = &card->session;
  gint64 deadline = get_earlier (sim_bip_get_deadline (&card->bip), session->again_us);

  if (session->link != NULL)
    deadline = get_earlier (deadline, sim_card_link_get_deadline (session->link));
  return get_earlier (deadline, card->notification.deadline_us);
}

void
sim_card_tick (SimCard *card, gint64 now_us)
{
  SimSession *session = &card->session;

  card->now_us = now_us;
  sim_bip_tick (&card->bip, now_us);
  if (session->link != NULL)
    sim_card_link_tick (session->link, now_us);
  sim_notification_tick (card);
  if (session->again_us >= 0 && now_us >= session->again_us)
    open_channel (card);
  sim_session_pump (card);
}
