/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The monitor (agent/modem/monitor.h) with ports that the kernel knows, in the sysfs and /dev of a umockdev test bed, which
 * plays udev, too. Run under umockdev-wrapper.
 */

#include <glib/gstdio.h>
#include <string.h>
#include <umockdev.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "monitor-rig.h"

#define LONG_MS 3600000
#define SHORT_MS 20
#define USB_PARENT "/devices/pci0000:00/0000:00:14.0/usb1"
#define USB_ID "/sys" USB_PARENT "/1-1"

static UMockdevTestbed *testbed;

static gboolean is_udev_there; /* its socket is, and no rules have been run */

gboolean __real_g_file_test (const char *path, GFileTest test);
gboolean __wrap_g_file_test (const char *path, GFileTest test);

gboolean
__wrap_g_file_test (const char *path, GFileTest test)
{
  if (strcmp (path, "/run/udev/control") == 0)
    return is_udev_there;
  return __real_g_file_test (path, test);
}

static void
add_devices (const char *description)
{
  g_autoptr (GError) error = NULL;

  if (!umockdev_testbed_add_from_string (testbed, description, &error))
    fail_msg ("%s", error->message);
}

static int
setup (void **state)
{
  is_udev_there = FALSE;
  testbed = umockdev_testbed_new ();
  add_devices ("P: /devices/pci0000:00/0000:00:14.0\n"
               "E: SUBSYSTEM=pci\n");
  return monitor_rig_setup (state);
}

static int
teardown (void **state)
{
  int result = monitor_rig_teardown (state);

  g_clear_object (&testbed);
  return result;
}

/* A port of the modem on a USB connector; @property: what a rule of udev says, "E: NAME=VALUE\n", or "" */
static void
add_port_with (const char *connector, const char *port, const char *property)
{
  g_autofree char *text = g_strdup_printf ("P: " USB_PARENT "/%1$s/%1$s:1.4/usbmisc/%2$s\n"
                                           "N: %2$s=00\n"
                                           "E: DEVNAME=/dev/%2$s\n"
                                           "E: SUBSYSTEM=usbmisc\n"
                                           "%3$s"
                                           "L: device=../../../%1$s:1.4\n",
                                           connector, port, property);

  add_devices (text);
}

static void
add_port (const char *connector, const char *port)
{
  add_port_with (connector, port, "");
}

static void
remove_port (const char *connector, const char *port)
{
  g_autofree char *device
      = g_strdup_printf ("/sys" USB_PARENT "/%1$s/%1$s:1.4/usbmisc/%2$s", connector, port);
  g_autofree char *node
      = g_build_filename (umockdev_testbed_get_root_dir (testbed), "dev", port, NULL);

  (void) g_unlink (node); /* as the kernel does it: before udev tells */
  umockdev_testbed_uevent (testbed, device, "remove");
  umockdev_testbed_remove_device (testbed, device);
}

/* A modem on a USB connector, whose port has a driver */
static void
plug_usb_with (const char *connector, const char *port, const char *driver, const char *property)
{
  g_autofree char *text = g_strdup_printf ("P: " USB_PARENT "/%1$s/%1$s:1.4\n"
                                           "E: DEVTYPE=usb_interface\n"
                                           "E: DRIVER=%2$s\n"
                                           "E: SUBSYSTEM=usb\n"
                                           "L: driver=../../../../../../bus/usb/drivers/%2$s\n"
                                           "\n"
                                           "P: " USB_PARENT "/%1$s\n"
                                           "E: DEVTYPE=usb_device\n"
                                           "E: SUBSYSTEM=usb\n",
                                           connector, driver);
  g_autofree char *drivers
      = g_build_filename (umockdev_testbed_get_sys_dir (testbed), "bus/usb/drivers", driver, NULL);

  assert_int_equal (g_mkdir_with_parents (drivers, 0700), 0);
  add_devices (text);
  add_port_with (connector, port, property);
}

static void
plug_usb (const char *connector, const char *port, const char *driver)
{
  plug_usb_with (connector, port, driver, "");
}

static void
test_qmi_port_is_known_by_its_usb_device (void **state)
{
  MonitorRig *rig = *state;

  plug_usb ("1-1", "cdc-wdm0", "qmi_wwan");
  monitor_rig_start (rig, NULL, EA_MONITOR_SOURCE_AUTO, LONG_MS);

  monitor_rig_await (rig, 1, "+ /dev/cdc-wdm0 " USB_ID);
  assert_int_equal (ea_monitor_get_source (rig->monitor), EA_MONITOR_SOURCE_UDEV);
}

static void
test_ports_of_other_drivers_are_left_alone (void **state)
{
  MonitorRig *rig = *state;

  plug_usb ("1-1", "cdc-wdm0", "cdc_mbim");
  plug_usb ("1-2", "cdc-wdm1", "huawei_cdc_ncm");
  plug_usb ("1-3", "lp0", "usblp");
  monitor_rig_start (rig, NULL, EA_MONITOR_SOURCE_AUTO, 0);

  monitor_rig_expect_silence (rig);
}

static void
test_port_that_a_rule_of_the_site_has_marked_is_left_alone (void **state)
{
  MonitorRig *rig = *state;

  plug_usb_with ("1-1", "cdc-wdm0", "qmi_wwan", "E: ID_EUICC_AGENT_IGNORE=1\n");
  plug_usb_with ("1-2", "cdc-wdm1", "qmi_wwan", "E: ID_EUICC_AGENT_IGNORE=0\n");
  monitor_rig_bring_manager (rig);
  fake_port_manager_add (rig->fake, 0, USB_ID, "cdc-wdm0", MM_MODEM_PORT_TYPE_QMI);
  monitor_rig_await_port (rig, "/dev/cdc-wdm0");
  monitor_rig_start (rig, NULL, EA_MONITOR_SOURCE_AUTO, SHORT_MS);

  monitor_rig_await (rig, 1, "+ /dev/cdc-wdm1 /sys" USB_PARENT "/1-2");
  monitor_rig_expect_silence (rig);
}

static void
test_port_is_left_alone_until_udev_has_run_its_rules (void **state)
{
  MonitorRig *rig = *state;

  is_udev_there = TRUE;
  plug_usb ("1-1", "cdc-wdm0", "qmi_wwan");
  monitor_rig_start (rig, NULL, EA_MONITOR_SOURCE_UDEV, SHORT_MS);
  monitor_rig_expect_silence (rig);
  is_udev_there = FALSE;
  umockdev_testbed_uevent (testbed, "/sys" USB_PARENT "/1-1/1-1:1.4/usbmisc/cdc-wdm0", "add");

  monitor_rig_await (rig, 1, "+ /dev/cdc-wdm0 " USB_ID);
}

static void
test_mbim_port_is_taken_where_it_is_named (void **state)
{
  MonitorRig *rig = *state;

  plug_usb ("1-1", "cdc-wdm0", "cdc_mbim");
  monitor_rig_start (rig, "/dev/cdc-wdm0", EA_MONITOR_SOURCE_AUTO, LONG_MS);

  monitor_rig_await (rig, 1, "+ /dev/cdc-wdm0 " USB_ID);
}

static void
test_modem_is_plugged_in_and_out_and_comes_back_under_another_name (void **state)
{
  MonitorRig *rig = *state;

  monitor_rig_start (rig, NULL, EA_MONITOR_SOURCE_UDEV, LONG_MS);
  plug_usb ("1-1", "cdc-wdm0", "qmi_wwan");
  monitor_rig_await (rig, 1, "+ /dev/cdc-wdm0 " USB_ID);
  remove_port ("1-1", "cdc-wdm0");
  monitor_rig_await (rig, 1, "- /dev/cdc-wdm0 " USB_ID);
  add_port ("1-1", "cdc-wdm1");

  monitor_rig_await (rig, 1, "+ /dev/cdc-wdm1 " USB_ID);
}

static void
test_port_that_modem_manager_does_not_list_is_taken_after_a_while (void **state)
{
  MonitorRig *rig = *state;

  plug_usb ("1-1", "cdc-wdm0", "qmi_wwan");
  monitor_rig_bring_manager (rig);
  monitor_rig_start (rig, NULL, EA_MONITOR_SOURCE_AUTO, SHORT_MS);
  assert_int_equal (ea_monitor_get_source (rig->monitor), EA_MONITOR_SOURCE_MODEMMANAGER);

  monitor_rig_await (rig, 1, "+ /dev/cdc-wdm0 " USB_ID);
}

static void
test_port_that_modem_manager_lists_is_taken_at_once (void **state)
{
  MonitorRig *rig = *state;

  plug_usb ("1-1", "cdc-wdm0", "qmi_wwan");
  monitor_rig_bring_manager (rig);
  monitor_rig_start (rig, NULL, EA_MONITOR_SOURCE_AUTO, LONG_MS);
  monitor_rig_expect_silence (rig);
  fake_port_manager_add (rig->fake, 0, "named by a rule of udev", "cdc-wdm0",
                         MM_MODEM_PORT_TYPE_QMI);

  monitor_rig_await (rig, 1, "+ /dev/cdc-wdm0 " USB_ID);
}

static void
test_port_that_modem_manager_knows_better_is_left_alone (void **state)
{
  MonitorRig *rig = *state;

  plug_usb ("1-1", "cdc-wdm0", "qmi_wwan");
  monitor_rig_bring_manager (rig);
  fake_port_manager_add (rig->fake, 0, USB_ID, "cdc-wdm0", MM_MODEM_PORT_TYPE_AT);
  monitor_rig_await_port (rig, "/dev/cdc-wdm0");
  monitor_rig_start (rig, NULL, EA_MONITOR_SOURCE_AUTO, 0);

  monitor_rig_expect_silence (rig);
}

static void
test_modem_manager_that_comes_and_goes_is_no_news (void **state)
{
  MonitorRig *rig = *state;

  plug_usb ("1-1", "cdc-wdm0", "qmi_wwan");
  monitor_rig_start (rig, NULL, EA_MONITOR_SOURCE_AUTO, LONG_MS);
  monitor_rig_await (rig, 1, "+ /dev/cdc-wdm0 " USB_ID);
  monitor_rig_bring_manager (rig);
  monitor_rig_expect_silence (rig);
  fake_port_manager_add (rig->fake, 0, USB_ID, "cdc-wdm0", MM_MODEM_PORT_TYPE_QMI);
  monitor_rig_expect_silence (rig);
  monitor_rig_end_manager (rig);

  monitor_rig_expect_silence (rig);
}

static void
test_modem_that_waits_is_taken_when_modem_manager_goes (void **state)
{
  MonitorRig *rig = *state;

  plug_usb ("1-1", "cdc-wdm0", "qmi_wwan");
  monitor_rig_bring_manager (rig);
  monitor_rig_start (rig, NULL, EA_MONITOR_SOURCE_AUTO, LONG_MS);
  monitor_rig_expect_silence (rig);
  monitor_rig_end_manager (rig);

  monitor_rig_await (rig, 1, "+ /dev/cdc-wdm0 " USB_ID);
}

static void
test_port_of_the_wwan_framework_is_known_by_its_pci_device (void **state)
{
  MonitorRig *rig = *state;
  const char *text = "P: /devices/pci0000:00/0000:00:1c.0/0000:01:00.0/mhi0/wwan/wwan0/wwan0qmi0\n"
                     "N: wwan0qmi0=00\n"
                     "E: DEVNAME=/dev/wwan0qmi0\n"
                     "E: SUBSYSTEM=wwan\n"
                     "A: type=QMI\\n\n"
                     "\n"
                     "P: /devices/pci0000:00/0000:00:1c.0/0000:01:00.0/mhi0/wwan/wwan0/wwan0at0\n"
                     "N: wwan0at0=00\n"
                     "E: DEVNAME=/dev/wwan0at0\n"
                     "E: SUBSYSTEM=wwan\n"
                     "A: type=AT\\n\n"
                     "\n"
                     "P: /devices/pci0000:00/0000:00:1c.0/0000:01:00.0/mhi0/wwan/wwan0\n"
                     "E: SUBSYSTEM=wwan\n"
                     "\n"
                     "P: /devices/pci0000:00/0000:00:1c.0/0000:01:00.0\n"
                     "E: SUBSYSTEM=pci\n"
                     "\n"
                     "P: /devices/pci0000:00/0000:00:1c.0\n"
                     "E: SUBSYSTEM=pci\n";

  add_devices (text);
  monitor_rig_start (rig, NULL, EA_MONITOR_SOURCE_AUTO, LONG_MS);

  monitor_rig_await (rig, 1, "+ /dev/wwan0qmi0 /sys/devices/pci0000:00/0000:00:1c.0/0000:01:00.0");
}

#define UDEV_TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    UDEV_TEST (test_qmi_port_is_known_by_its_usb_device),
    UDEV_TEST (test_ports_of_other_drivers_are_left_alone),
    UDEV_TEST (test_port_that_a_rule_of_the_site_has_marked_is_left_alone),
    UDEV_TEST (test_port_is_left_alone_until_udev_has_run_its_rules),
    UDEV_TEST (test_mbim_port_is_taken_where_it_is_named),
    UDEV_TEST (test_modem_is_plugged_in_and_out_and_comes_back_under_another_name),
    UDEV_TEST (test_port_that_modem_manager_does_not_list_is_taken_after_a_while),
    UDEV_TEST (test_port_that_modem_manager_lists_is_taken_at_once),
    UDEV_TEST (test_port_that_modem_manager_knows_better_is_left_alone),
    UDEV_TEST (test_modem_manager_that_comes_and_goes_is_no_news),
    UDEV_TEST (test_modem_that_waits_is_taken_when_modem_manager_goes),
    UDEV_TEST (test_port_of_the_wwan_framework_is_known_by_its_pci_device),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
