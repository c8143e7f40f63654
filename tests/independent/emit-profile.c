/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Terminal profiles with one facility each: the name that we give it, and the field that is set by it. */

#include "core/cat-profile.h"
#include "emit.h"

static const struct
{
  const char *name;
  const char *field;
} facilities[] = {
  { "Profile download", "prof_dld" },
  { "SMS-PP data download", "sms_data_dld" },
  { "Cell Broadcast data download", "cb_data_dld" },
  { "Menu selection", "menu_sel" },
  { "SMS-PP data download is supported", "sms_data_dld_support" },
  { "Timer expiration", "timer_exp" },
  { "Command result", "cmd_res" },
  { "Call Control by NAA", "cc_sim" },
  { "MO short message control", "mo_sms_sim" },
  { "UCS2 entry", "ucs2_entry" },
  { "UCS2 display", "ucs2_display" },
  { "Display of the extension text", "display_ext" },
  { "DISPLAY TEXT", "pa.display_text" },
  { "GET INKEY", "pa.get_inkey" },
  { "GET INPUT", "pa.get_input" },
  { "MORE TIME", "pa.more_time" },
  { "PLAY TONE", "pa.play_tone" },
  { "POLL INTERVAL", "pa.poll_intv" },
  { "POLLING OFF", "pa.polling_off" },
  { "REFRESH", "pa.refresh" },
  { "SELECT ITEM", "pa.select_item" },
  { "SEND SHORT MESSAGE", "pa.send_sms" },
  { "SEND SS", "pa.send_ss" },
  { "SEND USSD", "pa.send_ussd" },
  { "SET UP CALL", "pa.set_up_call" },
  { "SET UP MENU", "pa.set_up_menu" },
  { "PROVIDE LOCAL INFORMATION (location and IMEI)", "pa.prov_loci" },
  { "PROVIDE LOCAL INFORMATION (NMR)", "pa.prov_loci_nmr" },
  { "SET UP EVENT LIST", "pa.set_up_evt_list" },
  { "Event: MT call", "evt.mt_call" },
  { "Event: Call connected", "evt.call_conn" },
  { "Event: Call disconnected", "evt.call_disc" },
  { "Event: Location status", "evt.loc_status" },
  { "Event: User activity", "evt.user_activity" },
  { "Event: Idle screen available", "evt.idle_screen" },
  { "Event: Card reader status", "evt.card_status" },
  { "Event: Language selection", "evt.lang_sel" },
  { "Event: Browser termination", "evt.brows_term" },
  { "Event: Data available", "evt.data_avail" },
  { "Event: Channel status", "evt.chan_status" },
  { "Event: Access Technology Change", "evt.access_techno_change" },
  { "Event: Display parameters changed", "evt.disp_params_changed" },
  { "Event: Local Connection", "evt.local_conn" },
  { "Event: Network Search Mode Change", "evt.nwk_search_mode_change" },
  { "POWER ON CARD", "pa.power_on_card" },
  { "POWER OFF CARD", "pa.power_off_card" },
  { "PERFORM CARD APDU", "pa.perf_card_apdu" },
  { "GET READER STATUS (status)", "pa.get_rdr_status" },
  { "GET READER STATUS (identifier)", "pa.get_rdr_status_id" },
  { "TIMER MANAGEMENT (start, stop)", "pa.timer_start_stop" },
  { "TIMER MANAGEMENT (get current value)", "pa.timer_get_current" },
  { "PROVIDE LOCAL INFORMATION (date, time and time zone)", "pa.prov_loci_date" },
  { "GET INKEY (binary choice)", "pa.get_inkey_bin" },
  { "SET UP IDLE MODE TEXT", "pa.set_up_idle_text" },
  { "RUN AT COMMAND", "pa.run_at_command" },
  { "SET UP CALL (second alpha identifier)", "pa.2nd_alpha_id" },
  { "Call Control by NAA (second capability configuration)", "pa.cc_sim_support" },
  { "DISPLAY TEXT (sustained)", "display_text" },
  { "SEND DTMF", "send_dtmf_cmd" },
  { "PROVIDE LOCAL INFORMATION (language)", "pa.prov_loci_lang" },
  { "PROVIDE LOCAL INFORMATION (timing advance)", "pa.prov_loci_ta" },
  { "LANGUAGE NOTIFICATION", "pa.lang_notif" },
  { "LAUNCH BROWSER", "pa.launch_browser" },
  { "PROVIDE LOCAL INFORMATION (access technology)", "pa.prov_loci_access_techno" },
  { "Soft keys for SELECT ITEM", "soft_key_support.select_item" },
  { "Soft keys for SET UP MENU", "soft_key_support.set_up_menu" },
  { "OPEN CHANNEL", "pa.open_chan" },
  { "CLOSE CHANNEL", "pa.close_chan" },
  { "RECEIVE DATA", "pa.recv_data" },
  { "SEND DATA", "pa.send_data" },
  { "GET CHANNEL STATUS", "pa.get_chan_status" },
  { "SERVICE SEARCH", "pa.serv_search" },
  { "GET SERVICE INFORMATION", "pa.get_serv_info" },
  { "DECLARE SERVICE", "pa.decl_serv" },
  { "Bearer CSD", "bip.csd" },
  { "Bearer GPRS", "bip.gprs" },
  { "Bearer Bluetooth", "bip.bluetooth" },
  { "Bearer IrDA", "bip.irda" },
  { "Bearer RS232", "bip.rs232" },
  { "No display capability", "nd" },
  { "No keypad available", "nk" },
  { "Screen sizing parameters", "disp_sizing" },
  { "Variable size fonts", "var_fonts" },
  { "Display can be resized", "display.resize" },
  { "Text wrapping", "display.wrapping" },
  { "Text scrolling", "display.scrolling" },
  { "Text attributes", "display.attributes" },
  { "TCP, UICC in client mode, remote connection", "bip.tcp_remote" },
  { "UDP, UICC in client mode, remote connection", "bip.udp_remote" },
  { "TCP, UICC in server mode", "bip.tcp_server" },
  { "TCP, UICC in client mode, local connection", "bip.tcp_local" },
  { "UDP, UICC in client mode, local connection", "bip.udp_local" },
  { "Direct communication channel", "bip.direct_com" },
  { "Bearer E-UTRAN", "bip.eutran" },
  { "Bearer HSDPA", "bip.hsdpa" },
  { "DISPLAY TEXT (variable time-out)", "pa.display_text_var_time_out" },
  { "GET INKEY (help while waiting)", "pa.get_inkey_help" },
  { "Bearer USB", "bip.usb" },
  { "GET INKEY (variable time-out)", "pa.get_inkey_var_time_out" },
  { "PROVIDE LOCAL INFORMATION (ESN)", "pa.prov_loci_esn" },
  { "Call Control on GPRS", "cc_gprs" },
  { "PROVIDE LOCAL INFORMATION (IMEISV)", "pa.prov_loci_imeisv" },
  { "PROVIDE LOCAL INFORMATION (search mode)", "pa.prov_loci_search_mode_change" },
  { "WML", "ext_launch_browser.wml" },
  { "XHTML", "ext_launch_browser.xhtml" },
  { "HTML", "ext_launch_browser.html" },
  { "CHTML", "ext_launch_browser.chtml" },
  { "UTRAN PS with extended parameters", "utran_ps_ext_params" },
  { "PROVIDE LOCAL INFORMATION (battery state)", "pa.prov_loci_batt_state" },
  { "PLAY TONE (melody and themed tones)", "pa.play_tone_melody" },
  { "Multimedia calls in SET UP CALL", "mm_call_set_up_call" },
  { "Toolkit-initiated GBA", "toolkit_initiated_gba" },
  { "RETRIEVE MULTIMEDIA MESSAGE", "pa.retrieve_mm_msg" },
  { "SUBMIT MULTIMEDIA MESSAGE", "pa.submit_mm_msg" },
  { "DISPLAY MULTIMEDIA MESSAGE", "pa.display_mm_msg" },
  { "SET FRAMES", "pa.set_frames" },
  { "GET FRAMES STATUS", "pa.get_frames_status" },
  { "MMS notification download", "mms_notif_download" },
  { "Alpha identifier in REFRESH", "alpha_id_refresh_cmd" },
  { "Geographical Location Reporting", "geo_loc_report" },
  { "PROVIDE LOCAL INFORMATION (MEID)", "pa.prov_loci_meid" },
  { "PROVIDE LOCAL INFORMATION (NMR of UTRAN, E-UTRAN, NG-RAN)", "pa.prov_loci_nmr_utran_eutran" },
  { "USSD data download and application mode", "ussd_data_download" },
  { "Event: Browsing status", "evt.browsing_status" },
  { "Event: MMS Transfer status", "evt.mms_transfer_status" },
  { "Event: Frames Information changed", "evt.frame_info_changed" },
  { "Event: I-WLAN Access status", "evt.iwlan_access_status" },
  { "Event: Network Rejection for GERAN/UTRAN", "evt.nw_reject_geran_utran" },
  { "Event: HCI connectivity", "evt.hci_connectivity" },
  { "Event: Network Rejection for E-UTRAN", "evt.reject_eutran" },
  { "Multiple access technologies", "evt.mult_access_techno_change" },
  { "Event: CSG Cell Selection", "evt.csg_cell_select" },
  { "Event: Contactless state request", "evt.contactless_state_req" },
  { "Alignment left", "text.align_left" },
  { "Alignment centre", "text.align_centre" },
  { "Alignment right", "text.align_right" },
  { "Font size normal", "text.font_size_normal" },
  { "Font size large", "text.font_size_large" },
  { "Font size small", "text.font_size_small" },
  { "Style normal", "text.style_normal" },
  { "Style bold", "text.style_bold" },
  { "Style italic", "text.style_italic" },
  { "Style underlined", "text.style_underlined" },
  { "Style strikethrough", "text.style_strikethrough" },
  { "Style text foreground colour", "text.style_text_fg_colour" },
  { "Style text background colour", "text.style_text_bg_colour" },
  { "Bearer I-WLAN", "bip.iwlan" },
  { "PROVIDE LOCAL INFORMATION (WSID)", "pa.prov_loci_wsid" },
  { "TERMINAL APPLICATIONS", "term_app" },
  { "REFRESH (Steering of Roaming)", "steering_roaming_refresh" },
  { "ACTIVATE", "pa.activate" },
  { "GEOGRAPHICAL LOCATION REQUEST", "pa.geo_loc_req" },
  { "PROVIDE LOCAL INFORMATION (broadcast network information)", "pa.prov_loci_broadcast_nw_info" },
  { "REFRESH (Steering of Roaming for I-WLAN)", "steering_roaming_iwlan_refresh" },
  { "CONTACTLESS STATE CHANGED", "pa.contactless_state_changed" },
  { "CSG cell discovery", "csg_cell_discovery" },
  { "OPEN CHANNEL in Terminal Server Mode (confirmation parameters)",
    "cnf_params_support_open_chan_server_mode" },
  { "Communication Control for IMS", "com_ctrl_ims" },
  { "CAT over the modem interface", "cat_over_modem_itf" },
  { "Event: Incoming IMS Data", "evt.incoming_data_ims" },
  { "Event: IMS Registration", "evt.ims_registration" },
  { "Profile Container, Envelope Container, COMMAND CONTAINER, ENCAPSULATED SESSION CONTROL",
    "pa.prof_env_cont" },
  { "Bearer IMS", "bip.ims" },
  { "PROVIDE LOCAL INFORMATION (H(e)NB IP address)", "pa.prov_loci_henb_ip_addr" },
  { "PROVIDE LOCAL INFORMATION (H(e)NB surrounding macrocells)",
    "pa.prov_loci_henb_surround_macro" },
  { "OPEN CHANNEL in Terminal Server Mode (launch parameters)",
    "launch_params_support_open_chan_server_mode" },
  { "OPEN CHANNEL in Terminal Server Mode (direct communication channel)",
    "direct_com_support_open_chan_server_mode" },
  { "Security for Profile Container, Envelope Container, COMMAND CONTAINER, ENCAPSULATED SESSION "
    "CONTROL",
    "sec_prof_env_cont" },
  { "CAT service list for eCAT client", "serv_list_ecat_client" },
  { "Refresh enforcement policy", "refresh_enforcement_policy" },
  { "OPEN CHANNEL (DNS server address request)", "support_dns_addr_req" },
  { "CLOSE CHANNEL (Network Access Name reuse)", "nw_access_name_reuse" },
  { "Event: Poll Interval Negotiation", "evt.poll_intv_nego" },
};

/* 0 when there is none of that name. */
static EaCatFacility
find_facility (const char *name)
{
  for (guint byte = 1; byte <= EA_CAT_PROFILE_NAMED_BYTES; byte++)
    for (guint bit = 1; bit <= 8; bit++)
      if (g_strcmp0 (ea_cat_get_facility_name (EA_CAT_FACILITY (byte, bit)), name) == 0)
        return EA_CAT_FACILITY (byte, bit);
  return 0;
}

static void
emit_facility (const char *name, const char *field)
{
  static const guint8 numbers[EA_CAT_PROFILE_N_NUMBERS];
  EaCatFacility facility = find_facility (name);
  g_autofree char *expected = g_strdup_printf ("gsm_sim.tp.%s=1", field);

  if (facility == 0)
    g_error ("No facility has the name '%s'", name);
  emit ("profile", "profile", ea_cat_build_profile (&facility, 1, numbers), expected);
}

/* What a terminal without display and keypad has that relays SMS-PP download and BIP over packet data with TCP
 * and UDP (class e), keeps timers and reports the network's events. */
static void
emit_headless_terminal (void)
{
  static const EaCatFacility headless[]
      = { 11, 12, 15, 16,  21,  34,  36,  37,  38,  42,  47,  51,  55,  63,  64,  65,  81,
          82, 83, 98, 121, 122, 123, 124, 125, 132, 146, 147, 171, 172, 177, 187, 255, 257 };
  static const guint8 numbers[EA_CAT_PROFILE_N_NUMBERS]
      = { [EA_CAT_PROFILE_CHANNELS] = EA_CAT_CHANNELS_MAX };

  emit ("profile", "profile_of_a_headless_terminal",
        ea_cat_build_profile (headless, G_N_ELEMENTS (headless), numbers),
        "gsm_sim.tp.b1=51;gsm_sim.tp.b12=31;gsm_sim.tp.num_chans=7;gsm_sim.tp.b25=80;"
        "gsm_sim.tp.bip.tcp_remote=1;gsm_sim.tp.bip.udp_remote=1;gsm_sim.tp.nd=1;gsm_sim.tp.nk=1;"
        "gsm_sim.tp.pa.send_sms=1;gsm_sim.tp.pa.refresh=1;gsm_sim.tp.bip.gprs=1");
}

void
emit_profiles (void)
{
  static const guint8 numbers[EA_CAT_PROFILE_N_NUMBERS] = {
    [EA_CAT_PROFILE_SOFT_KEYS] = 12,
    [EA_CAT_PROFILE_CHANNELS] = 5,
    [EA_CAT_PROFILE_DISPLAY_HEIGHT] = 21,
    [EA_CAT_PROFILE_DISPLAY_WIDTH] = 80,
    [EA_CAT_PROFILE_MENU_WIDTH_REDUCTION] = 3,
    [EA_CAT_PROFILE_TIA_EIA_VERSION] = 9,
    [EA_CAT_PROFILE_FRAMES] = 6,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (facilities); i++)
    emit_facility (facilities[i].name, facilities[i].field);
  emit ("profile", "profile_numbers", ea_cat_build_profile (NULL, 0, numbers),
        "gsm_sim.tp.soft_key_info.max_nb=12;gsm_sim.tp.num_chans=5;gsm_sim.tp.display.height=21;"
        "gsm_sim.tp.display.width=80;gsm_sim.tp.display.width_red_menu=3;"
        "gsm_sim.tp.tia_eia_version=9;gsm_sim.tp.class_i_max_nb_frames=6");
  emit_headless_terminal ();
}
