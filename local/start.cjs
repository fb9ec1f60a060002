// The first file that runs: written in the JavaScript of 2009, so that a Node of any age reads it and can say what is
// missing. Everything newer is loaded only after the checks (launch/launch.cjs).
'use strict';

var fs = require('fs');
var path = require('path');

var required = [20, 19];
var root = path.join(__dirname, '..');

function stop(lines) {
  process.stderr.write(lines.join('\n') + '\n');
  process.exit(1);
}

function isOlder(version, wanted) {
  var parts = version.replace(/^v/, '').split('.');
  var major = Number(parts[0]);
  return major < wanted[0] || (major === wanted[0] && Number(parts[1]) < wanted[1]);
}

function checkNode() {
  if (!isOlder(process.version, required)) return;
  stop([
    'Lyceum needs Node ' +
      required.join('.') +
      ' or newer; this is Node ' +
      process.version.replace(/^v/, '') +
      '.',
    'Install a current one (https://nodejs.org, or `nvm install 22`), then run `npm ci && npm start` again.',
  ]);
}

function checkDependencies() {
  var names = ['turbo', 'esbuild', '@lyceum/local'];
  for (var i = 0; i < names.length; i += 1) {
    if (!fs.existsSync(path.join(root, 'node_modules', names[i], 'package.json'))) {
      stop([
        'The dependencies are not installed (node_modules/' + names[i] + ' is missing).',
        'Run `npm ci` first.',
      ]);
    }
  }
}

checkNode();
checkDependencies();
require('./launch/launch.cjs');
